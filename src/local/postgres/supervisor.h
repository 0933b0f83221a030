#pragma once

#include "base/time.h"
#include "base/unique_fd.h"
#include "local/postgres/postmaster.h"

#include <future>
#include <optional>
#include <thread>

namespace nimbus::local::postgres {

/// Keeps a server running on a prepared directory: a thread that launches it, waits for its end
/// and launches it again, at once the first time and with growing pauses while it keeps dying.
class Supervisor {
public:
    /// Returns when the server accepts connections, else throws Error and has stopped trying.
    Supervisor(ServerOptions options, std::optional<process::Identity> identity, Deadline deadline);
    /// Shuts the server down.
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

private:
    void run(std::promise<void> first_start, Deadline deadline);
    /// Until the server ends; nothing if it was shut down because `stop_` was asked for.
    std::optional<process::ExitStatus> watch(Postmaster& postmaster);
    /// Nothing if `stop_` was asked for meanwhile.
    std::optional<Postmaster> launch_again(process::ExitStatus status, int failures);
    bool stop_within(std::chrono::milliseconds duration) const;

    ServerOptions options_;
    std::optional<process::Identity> identity_;
    UniqueFd stop_; ///< eventfd, readable from the moment that the destructor runs
    std::thread thread_;
};

} // namespace nimbus::local::postgres
