#pragma once

#include "base/log.h"
#include "local/debugging/debug_sessions.h"
#include "local/iam/access_control.h"
#include "local/instances/code_cache.h"
#include "local/instances/error_documents.h"
#include "local/instances/function_sandbox.h"
#include "local/instances/id_source.h"
#include "local/instances/instance_log.h"
#include "local/instances/invocation.h"
#include "local/instances/resident_memory.h"
#include "local/instances/runtimes.h"
#include "local/runtime_api/runtime_endpoint.h"
#include "net/event_loop.h"
#include "process/child_process.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace nimbus::local {

class Instance;
struct Fleet;

/// What the pool is told of its instances. All but `instance_gone` come from within the instance,
/// which must not be destroyed then.
class InstanceOwner {
public:
    /// Its runtime has started: `instance_waits` comes next, for the first time.
    virtual void instance_started(Instance& instance) = 0;
    /// It asks for an invocation; `Instance::run` may be called at once.
    virtual void instance_waits(Instance& instance) = 0;
    /// It waited, and does so no more; it may ask again.
    virtual void instance_left(Instance& instance) = 0;
    /// Its process was killed, or has ended: it takes nothing more.
    virtual void instance_ending(Instance& instance) = 0;
    /// It ended without ever having asked; `Instance::blame` tells a request why. After
    /// `instance_ending`.
    virtual void instance_failed_to_start(Instance& instance) = 0;
    /// Its process is gone and reaped: destroy it.
    virtual void instance_gone(Instance& instance) = 0;

protected:
    ~InstanceOwner() = default;
};

/// What an instance is made of; the references outlive it.
struct InstanceParts {
    Fleet& fleet;
    InstanceOwner& owner;
    net::EventLoop& loop;
    LogSink& log;         ///< the function's
    const Log& cloud_log; ///< the cloud's own
    IdSource& ids;
    const std::map<std::string, std::string>& environment;
    const Runtime& runtime;
    const std::filesystem::path& runtimes_directory;
    const FunctionSandbox* sandbox;   ///< null: none
    std::filesystem::path hosts_file; ///< without one; empty: the system's
    std::shared_ptr<const Function> function;
    std::shared_ptr<const CodeCache::Code> code;
    AccessKey credentials;
    std::chrono::milliseconds start_limit;
    SteadyTime usable_until; ///< by then its credentials are too old to hand out
    DebugSessions& debugging;
    std::optional<DebugMode> debug; ///< set: it is started for a debugger
};

/// One process that serves one invocation at a time over a Runtime API of its own:
///
///     starting -> idle <-> busy -> answered -> idle …      and from each of them -> ending
///
/// A process that does not keep to its limits is killed, with all processes that it started; a
/// function's timeout goes on until its runtime asks for the next event, as Lambda's does. On the
/// loop's thread, which has to be the one that spawns: with it, the process ends.
class Instance final : private RuntimeObserver {
public:
    explicit Instance(InstanceParts parts);

    /// Spawns the process. False when it cannot be: `blame` tells why, and the owner is told
    /// nothing.
    bool start();
    /// Begins the invocation before the process, which has just been started, is ready for it: its
    /// time is the invocation's. So Lambda initializes again what was not ready in time.
    void initialize_at(Invocation invocation, InstanceLog::Detail detail);
    /// Hands over the invocation. False when the process turns out to be gone: the invocation is
    /// untouched, and can go to another instance.
    bool run(Invocation& invocation, SteadyTime now, InstanceLog::Detail detail);
    /// Kills the process; its invocation gets no result if it has one.
    void end();
    /// Ends the wait for a process that was killed; for the pool's own end.
    void reap();
    /// Enforces the limits; returns when to look again.
    SteadyTime check(SteadyTime now, bool look_at_memory);

    /// The result of a request that waited for this instance, which failed to start.
    InvocationResult blame(const Invocation& invocation);
    /// Could another start help, after this one has failed?
    bool may_try_again() const noexcept { return retry_ == Retry::useful; }
    /// Was it not ready within the time for that? Then it is initialized at an invocation.
    bool was_not_ready_in_time() const noexcept { return retry_ == Retry::at_invocation; }
    /// Takes the invocation back from an instance that is stopped with everything.
    std::optional<Invocation> take_invocation() { return std::exchange(invocation_, {}); }

    Fleet& fleet() const noexcept { return parts_.fleet; }
    /// Without an invocation.
    bool starting() const noexcept { return state_ == State::starting && !began_early_; }
    /// Was it started after that, and does it start still?
    bool starting_since(SteadyTime when) const noexcept { return starting() && spawned_ > when; }
    bool busy() const noexcept { return state_ == State::busy; }
    /// Has it had an invocation?
    bool is_used() const noexcept { return run_since_ != SteadyTime{}; }
    /// Has it answered, so recently that it should ask again at any moment?
    bool returning(SteadyTime now) const noexcept
    {
        return state_ == State::answered && now - answered_at_ < std::chrono::milliseconds(100);
    }
    /// Set: it was started for a debugger.
    const std::optional<DebugMode>& debug() const noexcept { return parts_.debug; }
    bool usable(SteadyTime now) const noexcept { return now < parts_.usable_until; }
    SteadyTime idle_since() const noexcept { return idle_since_; }
    /// When it got its last invocation.
    SteadyTime run_since() const noexcept { return run_since_; }
    /// When it is ended unless it goes on before; of no meaning while it is idle.
    SteadyTime deadline() const noexcept { return deadline_; }
    pid_t process() const noexcept { return child_.pid(); }
    InstanceLog& log() noexcept { return log_; }

private:
    enum class State { starting, idle, busy, answered, ending };
    enum class Retry { useful, useless, at_invocation };
    using Status = InvocationReport::Status;

    void runtime_waits() override;
    void runtime_left() override;
    void runtime_answered(std::string payload) override;
    void runtime_failed(std::string error_type, std::string payload) override;
    void runtime_answered_too_much(std::size_t bytes) override;
    void runtime_failed_to_start(std::string error_type, std::string payload) override;

    std::vector<std::string> arguments() const;
    process::SpawnOptions spawn_options() const;
    void find_program(process::SpawnOptions& options) const;
    void read_output();
    void process_ended();
    void fail(const PlatformError& error, Status status);
    void fail_to_start(const PlatformError& error, Retry retry, Status status = Status::error);
    bool send(const Invocation& invocation, std::chrono::milliseconds time_left);
    void log_failure(const std::string& request_id, const PlatformError& error, Status status);
    void finish(InvocationResult::Kind kind, std::string payload, std::string reason = {},
                Status status = Status::success, std::string_view error_type = {});
    void log_result(const Invocation& invocation, const InvocationResult& result) const;
    bool is_debugger_attached() const;
    bool waits_for_debugger() const;
    bool is_on_loop() const noexcept { return parts_.loop.is_owned_by_this_thread(); }
    std::chrono::milliseconds timeout() const noexcept;

    InstanceParts parts_;
    InstanceLog log_;
    RuntimeEndpoint endpoint_;
    process::ChildProcess child_;
    net::Registration on_output_;
    net::Registration on_exit_;
    ResidentMemory memory_;
    State state_ = State::starting;
    SteadyTime spawned_{};
    SteadyTime deadline_{};
    SteadyTime idle_since_{};
    SteadyTime run_since_{};
    SteadyTime answered_at_{};
    bool began_early_ = false; ///< its first invocation, before the runtime had started
    std::optional<double> init_milliseconds_;
    std::optional<Invocation> invocation_; ///< while busy, or initialized at it

    PlatformError start_error_;
    std::string start_document_; ///< the runtime's own report, which goes to the caller as it is
    Retry retry_ = Retry::useless;
};

} // namespace nimbus::local
