#pragma once

#include "local/dsql/contention.h"
#include "local/dsql/database_connection.h"

#include <chrono>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local::dsql {

/// What a conversation does with the database behind its client's back, while nothing else is
/// under way between them: what the client has prepared stays as it was. Each returns when it is
/// done, and throws like a Channel.
class Backstage {
public:
    using Answer = std::expected<std::optional<std::string>, Refusal>;

    virtual ~Backstage() = default;

    /// One statement after the other, up to the first that fails; gives the first value of the
    /// last row.
    virtual Answer run(std::initializer_list<std::string_view> statements) = 0;
    /// One statement; who stands in its way loses its block.
    virtual Answer run_first(std::string_view statement, Loss loss) = 0;
    /// After an error the server leaves out what it gets, up to here.
    virtual void synchronize() = 0;

    virtual void block_begins() = 0;
    virtual void block_ends() = 0;
    /// Why the block under way is lost, if it is.
    virtual std::optional<Loss> verdict() = 0;
    /// Is there no other session that could be in conflict with this one?
    virtual bool is_alone() = 0;
};

class DatabaseBackstage : public Backstage {
public:
    /// All outlive it.
    DatabaseBackstage(DatabaseConnection& database, Contention& contention)
        : database_(database), contention_(contention),
          member_(contention, database.cancel_key().process_id)
    {
    }

    Answer run(std::initializer_list<std::string_view> statements) override;
    Answer run_first(std::string_view statement, Loss loss) override;
    void synchronize() override;
    void block_begins() override { member_.block_begins(); }
    void block_ends() override { member_.block_ends(); }
    std::optional<Loss> verdict() override { return member_.verdict(); }
    bool is_alone() override { return member_.is_alone(); }

    /// Readable when `verdict` has something to say.
    int fd() const noexcept { return member_.fd(); }
    /// How long to wait for a statement's end before that attempt to clear its way: ever longer,
    /// up to `longest`. Attempts count from 0 on.
    static std::chrono::milliseconds patience(unsigned attempt, std::chrono::milliseconds longest);
    /// Looks who keeps the session's statement waiting: they lose their blocks. Those who are
    /// executing a statement are left in peace at first.
    void clear_the_way(Loss loss, unsigned attempt);

private:
    DatabaseConnection& database_;
    Contention& contention_;
    Contention::Member member_;
};

} // namespace nimbus::local::dsql
