#pragma once

#include "base/log.h"
#include "local/debugging/debug_sessions.h"
#include "local/faults/fault_injector.h"
#include "local/iam/access_control.h"
#include "local/instances/function_sandbox.h"
#include "local/instances/runtimes.h"
#include "local/lambda/function.h"
#include "local/lambda/log_sink.h"
#include "net/event_loop.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace nimbus::local {

struct InstancePoolOptions {
    /// Where code is unpacked. The pool's own: what a previous one left there is removed.
    std::filesystem::path code_directory;
    std::size_t max_idle_code = 8; ///< of the codes used last, how many stay unpacked unused
    /// What every function gets beside Lambda's own variables: AWS_ENDPOINT_URL,
    /// NIMBUS_HOSTS_FILE, PGSSLROOTCERT, SSL_CERT_FILE. A function's own variables win.
    std::map<std::string, std::string> environment;
    /// What instances see of the machine; none: all of it, as do those that are debugged.
    std::shared_ptr<FunctionSandbox> sandbox{};
    /// What an instance that starts now is to find at /etc/hosts, where it is in no sandbox; unset,
    /// or an empty path: the system's. Called for each, on the loop's thread; may throw Error.
    std::function<std::filesystem::path()> hosts_file{};
    Runtimes runtimes = lambda_runtimes();

    std::size_t max_instances = 64;
    /// Beyond these, how many functions that have no instance may start one: nobody waits because
    /// others have slow handlers.
    std::size_t max_first_instances = 192;
    std::size_t max_instances_per_function = 32;
    std::size_t max_waiting_per_function = 1'000;
    /// A request that waits this long for an instance, or until its caller gives up, is throttled:
    /// API Gateway's own patience.
    std::chrono::milliseconds waiting_limit{30'000};
    /// While a function has instances, a request waits this long for one of them before another is
    /// started: most handlers answer sooner than a process starts.
    std::chrono::milliseconds growth_delay{5};
    /// From so many instances of a function on, a request waits longer: where they compute, they
    /// have all processors, and one more only takes time from the others. Where they wait for
    /// something, a request still gets its own.
    std::size_t crowd = 2 * std::max(1U, std::thread::hardware_concurrency());
    std::chrono::milliseconds growth_delay_in_a_crowd{50};
    /// When so many instances of a function are at work, a request waits for one of them rather
    /// than wake an idle one, if they have been answering so quickly that its turn should come
    /// within this time; and it does so no longer than this after one of them became free.
    std::chrono::milliseconds wait_in_a_crowd{20};
    /// From the start of the process to its first question for an event, as on Lambda.
    std::chrono::milliseconds start_limit{10'000};
    std::chrono::milliseconds idle_limit{300'000};
    std::chrono::seconds credentials_lifetime{6 * 3600};
    /// START, END and REPORT lines are written for this many invocations per function and second;
    /// of those beyond, a line tells the number.
    unsigned logged_invocations_per_second = 500;
    /// What is to go wrong on demand.
    std::shared_ptr<FaultInjector> faults = std::make_shared<FaultInjector>();
    /// Which functions are started for a debugger.
    std::shared_ptr<DebugSessions> debugging = std::make_shared<DebugSessions>();
    Log log{}; ///< the cloud's own
};

/// Lambda's data plane: one process per concurrent request of a function, started when there is no
/// free one, kept, and used again (the one that was used last first, so that the others may end).
///
/// Requests that find no instance and no room for one wait, in the order in which they came. The
/// processes end with the thread that runs `loop`, whatever ends it.
class InstancePool : public Invoker {
public:
    /// All of `loop`, `access` and `log` outlive the pool.
    InstancePool(InstancePoolOptions options, net::EventLoop& loop, AccessControl& access,
                 LogSink& log);
    /// On the loop's thread, or after it has stopped. Calls `stop`.
    ~InstancePool() override;

    /// On the loop's thread the event is on its way to an idle instance when this returns. `done`
    /// is never called from within.
    void invoke(std::shared_ptr<const Function> function, std::string payload, Caller caller,
                Done done) override;
    void retire(const std::string& function_arn, const std::string& current_revision) override;

    /// Ends all processes, waits for them, and answers what is still waiting with `unavailable`;
    /// later requests too. On the loop's thread, or after it has stopped.
    void stop();

    /// Processes that run at the moment. On the loop's thread.
    std::size_t instances() const noexcept;
    /// Of these, how many wait for a request. On the loop's thread.
    std::size_t idle_instances() const noexcept;

private:
    std::shared_ptr<class Pool> impl_;
};

} // namespace nimbus::local
