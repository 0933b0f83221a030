#include "local/postgres/supervisor.h"

#include "base/assert.h"
#include "base/backoff.h"
#include "base/error.h"
#include "local/postgres/leftovers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>

namespace nimbus::local::postgres {
namespace {

constexpr std::chrono::seconds restart_limit(60); ///< time for crash recovery
constexpr std::chrono::seconds stable_after(60);  ///< up for so long, a death is a new story
constexpr std::chrono::minutes log_interval(10);

constexpr Backoff restart_backoff{.first = std::chrono::milliseconds(100),
                                  .longest = std::chrono::seconds(15)};

std::int64_t milliseconds_since(Deadline::SteadyClock::time_point start)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::SteadyClock::now() -
                                                                 start)
        .count();
}

} // namespace

Supervisor::Supervisor(ServerOptions options, std::optional<process::Identity> identity,
                       Deadline deadline)
    : options_(std::move(options)), identity_(identity), stop_(::eventfd(0, EFD_CLOEXEC))
{
    if (!stop_)
        throw_system_error(errno, "Cannot create an event descriptor");
    std::promise<void> first_start;
    auto started = first_start.get_future();
    // The server dies with the thread that launched it (PR_SET_PDEATHSIG), so it is one that lives
    // as long as the server is wanted.
    thread_ = std::thread([this, deadline, promise = std::move(first_start)]() mutable {
        run(std::move(promise), deadline);
    });
    try {
        started.get();
    } catch (...) {
        thread_.join();
        throw;
    }
}

Supervisor::~Supervisor()
{
    NIMBUS_ASSERT(thread_.get_id() != std::this_thread::get_id(),
                  "a server is not stopped by the thread that it lives with");
    static_cast<void>(::eventfd_write(stop_.get(), 1));
    thread_.join();
}

void Supervisor::run(std::promise<void> first_start, Deadline deadline)
{
    std::optional<Postmaster> postmaster;
    try {
        const auto began = Deadline::SteadyClock::now();
        postmaster = Postmaster::launch(options_, identity_, deadline);
        options_.log.info("PostgreSQL was started", {{"milliseconds", milliseconds_since(began)}});
        first_start.set_value();
    } catch (...) {
        first_start.set_exception(std::current_exception());
        return;
    }
    int failures = 0;
    while (postmaster) {
        const auto started = Deadline::SteadyClock::now();
        const auto status = watch(*postmaster);
        if (!status)
            return;
        if (Deadline::SteadyClock::now() - started > stable_after)
            failures = 0;
        postmaster = launch_again(*status, failures++);
    }
}

std::optional<process::ExitStatus> Supervisor::watch(Postmaster& postmaster)
{
    for (;;) {
        std::array<pollfd, 2> events{
            {{stop_.get(), POLLIN, 0}, {postmaster.exit_descriptor(), POLLIN, 0}}};
        const int ready = ::poll(
            events.data(), events.size(),
            static_cast<int>(
                std::chrono::duration_cast<std::chrono::milliseconds>(log_interval).count()));
        if (events[0].revents != 0) {
            postmaster.shut_down();
            return {};
        }
        if (auto status = postmaster.ended())
            return status;
        if (ready == 0)
            postmaster.limit_log();
    }
}

std::optional<Postmaster> Supervisor::launch_again(process::ExitStatus status, int failures)
{
    std::string what = "ended (" + status.text() + ")";
    for (;; ++failures) {
        if (stop_within(restart_backoff.pause(failures)))
            return {};
        try {
            const auto deadline = Deadline::after(restart_limit);
            clear_leftovers(options_.directory, deadline);
            auto postmaster = Postmaster::launch(options_, identity_, deadline);
            options_.log.warning("PostgreSQL was started again", {{"reason", "it " + what}});
            return postmaster;
        } catch (const std::exception& error) {
            options_.log.error("PostgreSQL cannot be started again; the next attempt follows",
                               {{"reason", "it " + what}, {"failure", error.what()}});
            what = "was down";
        }
    }
}

bool Supervisor::stop_within(std::chrono::milliseconds duration) const
{
    pollfd stop{stop_.get(), POLLIN, 0};
    return ::poll(&stop, 1, static_cast<int>(duration.count())) > 0;
}

} // namespace nimbus::local::postgres
