#pragma once

#include "base/time.h"
#include "local/postgres/postgres_server.h"
#include "process/child_process.h"

#include <optional>

namespace nimbus::local::postgres {

/// A running `postgres` on a prepared directory. It dies with the thread that launched it, by
/// SIGQUIT: its children and shared memory go with it.
class Postmaster {
public:
    /// Returns when it accepts connections. Throws Error with what PostgreSQL's log says, and then
    /// nothing runs.
    static Postmaster launch(const ServerOptions& options,
                             const std::optional<process::Identity>& identity, Deadline deadline);

    int exit_descriptor() const noexcept { return process_.exit_descriptor(); }
    /// How it ended, if it has.
    std::optional<process::ExitStatus> ended();
    /// Lets it shut down: sessions are ended, the data is written.
    void shut_down();
    /// Empties the log file when it has grown too large.
    void limit_log() const;

private:
    Postmaster(process::ChildProcess process, UniqueFd log)
        : process_(std::move(process)), log_(std::move(log))
    {
    }

    process::ChildProcess process_;
    UniqueFd log_;
};

} // namespace nimbus::local::postgres
