#pragma once

#include "local/dsql/conversation.h"
#include "local/dsql/database_connection.h"

#include <string>

namespace nimbus::local::dsql {

/// Carries a conversation between a client and the database until one of them, the time or the
/// cluster ends it.
class Relay {
public:
    enum class End {
        client,   ///< said goodbye or is gone
        database, ///< is gone
        time,     ///< the connection's longest duration is over
        stop,     ///< the cluster stops
    };

    Relay(Channel& client, Buffer& received, DatabaseConnection& database,
          Conversation& conversation, int stop_fd)
        : client_(client), from_client_(received), database_(database),
          from_database_(database.received()), conversation_(conversation), stop_fd_(stop_fd)
    {
    }

    /// Throws pgwire::Malformed when the client breaks the protocol.
    End run(const Deadline& deadline);

private:
    void client_sends();
    void database_sends();
    void process_client();
    void process_database();
    void to_client(std::string_view bytes);
    void to_database(std::string_view bytes);
    void drain_database_backlog();

    Channel& client_;
    Buffer& from_client_;
    DatabaseConnection& database_;
    Buffer& from_database_;
    Conversation& conversation_;
    int stop_fd_;
    std::string client_backlog_;   ///< what the client could not take yet
    std::string database_backlog_; ///< what the database could not take yet
    bool more_from_client_ = false;
    bool client_left_ = false;
};

} // namespace nimbus::local::dsql
