#pragma once

#include "local/dsql/backstage.h"
#include "local/dsql/conversation.h"
#include "local/dsql/database_connection.h"
#include "local/dsql/spin_window.h"

#include <chrono>
#include <string>

namespace nimbus::local::dsql {

/// Carries a conversation between a client and the database until one of them, the time or the
/// cluster ends it. On the session's own thread, like everything it touches: what races are the two
/// ends of the connection, and the order of what they send is all that there is to get right.
///
/// Bytes lie in four places on their way:
///  - `from_client_`: received and not taken by the conversation, which takes whole messages, and
///    none while the client waits for a statement's rows to be counted. Filled up to
///    `read_ahead_limit` then, and not at all while `database_backlog_` has something.
///  - `database_backlog_`: taken, and not yet accepted by the database's socket.
///  - `from_database_`: received from the database and not taken.
///  - `client_backlog_`: taken, and not yet accepted by the client's socket. While there is any,
///    nothing more is read from the database: a client that does not read stops its own statement.
/// Whoever speaks next is listened to alone at first, without sleeping (see SpinWindow); the rest,
/// such as the cluster's stop, is looked at a millisecond later at most.
///
/// The two backlogs never hold both ends up: a client that waits for us to read is served as soon
/// as the database has taken what it was sent, whatever the client does with its answers.
class Relay {
public:
    enum class End {
        client,   ///< said goodbye or is gone
        database, ///< is gone
        time,     ///< the connection's longest duration is over
        stop,     ///< the cluster stops
        fault,    ///< on demand
    };

    Relay(Channel& client, Buffer& received, DatabaseConnection& database,
          DatabaseBackstage& backstage, Conversation& conversation, int stop_fd)
        : client_(client), from_client_(received), database_(database),
          from_database_(database.received()), backstage_(backstage), conversation_(conversation),
          stop_fd_(stop_fd)
    {
    }

    /// Throws pgwire::Malformed when the client breaks the protocol.
    End run(const Deadline& deadline);

    /// Behind `run`, however that ended: sends what the client could not take before. False when
    /// that ends within a message, whose rest nobody has: behind it, nothing can be said. Throws
    /// like a Channel.
    bool finish(const Deadline& deadline);

private:
    /// Take in and handle what has come. False when nothing has.
    bool client_sends();
    bool database_sends();
    bool may_read_client() const noexcept;
    bool spin();
    SpinWindow& window() noexcept;
    void process_client();
    void process_database();
    void serve_client();
    void work();
    void look_who_is_in_the_way();
    std::chrono::milliseconds patience(const Deadline& deadline) const;
    void to_client(std::string_view bytes);
    void to_database(std::string_view bytes);
    void drain_database_backlog();

    Channel& client_;
    Buffer& from_client_;
    DatabaseConnection& database_;
    Buffer& from_database_;
    DatabaseBackstage& backstage_;
    Conversation& conversation_;
    int stop_fd_;
    std::string client_backlog_;   ///< what the client could not take yet
    std::string database_backlog_; ///< what the database could not take yet
    SpinWindow client_window_;     ///< for the client's next statement
    SpinWindow database_window_;   ///< for the answer to it
    SpinWindow::Clock::time_point wait_began_;
    SpinWindow::Clock::time_point looked_at_all_; ///< with poll(2)
    bool more_from_client_ = false;
    bool client_left_ = false;
    bool has_run_ = false;
    unsigned looks_ = 0; ///< for who is in the way, since the database said something
};

} // namespace nimbus::local::dsql
