#include "local/instances/instance.h"

#include "base/arn.h"
#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "local/instances/function_environment.h"
#include "process/process_user.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <unistd.h>
#include <utility>

namespace nimbus::local {

using std::chrono::milliseconds;
using Kind = InvocationResult::Kind;

namespace {

/// Of output, how much is read before others have their turn: more than a pipe holds.
constexpr std::size_t max_output_at_once = 1024 * 1024;

/// How much time a handler is told to have while it is debugged: what waits for less than that goes
/// on waiting.
constexpr std::chrono::hours debugging_limit{24};
/// How often it is asked whether a program still has to wait for a debugger.
constexpr std::chrono::milliseconds debugger_interval{500};

/// What a runtime says of an error's type, where it looks like a type: the function's own words do
/// not go to the cloud's log.
std::string_view type_name(std::string_view error_type)
{
    constexpr std::size_t longest = 100;
    const bool is_name = !error_type.empty() && error_type.size() <= longest &&
                         std::ranges::all_of(error_type, [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':';
                         });
    return is_name ? error_type : "an error";
}

std::string reason_of(const PlatformError& error)
{
    return error.type + ": " + error.message;
}

std::string reason_of_start(const PlatformError& error)
{
    return "no instance started: " + std::string(type_name(error.type));
}

double in_milliseconds(std::chrono::steady_clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

/// What tells the program, or node_inspector.cjs, to be ready for a debugger.
void add_debug_variables(const DebugMode& mode, const DebugSessions& sessions,
                         std::vector<std::string>& environment)
{
    if (mode.is_native()) {
        environment.emplace_back("NIMBUS_WAIT_FOR_DEBUGGER=1");
        return;
    }
    environment.push_back("NIMBUS_INSPECTOR_PORT=" + std::to_string(mode.inspector_port));
    if (sessions.is_debugger_expected())
        environment.emplace_back("NIMBUS_INSPECTOR_WAITS=1");
}

/// `shown` is what the function calls it.
void require_bootstrap(const std::filesystem::path& program, const std::string& shown)
{
    if (::access(program.c_str(), F_OK) != 0)
        throw Error("Couldn't find valid bootstrap(s): [" + shown + "]");
    if (::access(program.c_str(), X_OK) != 0)
        throw Error("fork/exec " + shown + ": permission denied",
                    "Make it executable before it is put into the zip.");
}

std::string log_group_of(const Function& function)
{
    const auto arn = Arn::parse(function.arn);
    return log_group_key(arn ? arn->region : "", function.log_group);
}

} // namespace

Instance::Instance(InstanceParts parts)
    : parts_(std::move(parts)), log_(parts_.log, log_group_of(*parts_.function),
                                     InstanceLog::stream_name(system_now(), parts_.ids.hex(16))),
      endpoint_(parts_.loop, *this,
                parts_.cloud_log.of("runtime_api").with({{"function", parts_.function->name}}))
{
    NIMBUS_ASSERT(is_on_loop(), "instances live on the loop's thread, with which they end");
}

milliseconds Instance::timeout() const noexcept
{
    return std::chrono::seconds(parts_.function->timeout_seconds);
}

/// As the runtime has them: with "{code}" and "{runtimes}".
std::vector<std::string> Instance::arguments() const
{
    const auto& runtime = parts_.runtime;
    auto arguments =
        !runtime.arguments_to_serve_itself.empty() && serves_itself(parts_.code->directory())
            ? runtime.arguments_to_serve_itself
            : runtime.arguments;
    if (parts_.debug && !parts_.debug->is_native())
        arguments.insert(std::next(arguments.begin()), runtime.arguments_to_inspect.begin(),
                         runtime.arguments_to_inspect.end());
    return arguments;
}

process::SpawnOptions Instance::spawn_options() const
{
    const auto* const sandbox = parts_.sandbox;
    const auto& directory = parts_.code->directory();
    const std::filesystem::path code = sandbox != nullptr ? FunctionSandbox::code : directory;
    const std::filesystem::path runtimes =
        sandbox != nullptr ? FunctionSandbox::runtimes : parts_.runtimes_directory;
    process::SpawnOptions options;
    bool uses_runtimes = false;
    for (const auto& argument : arguments()) {
        uses_runtimes = uses_runtimes || argument.contains("{runtimes}");
        options.arguments.push_back(replace_all(replace_all(argument, "{code}", code.string()),
                                                "{runtimes}", runtimes.string()));
    }
    auto shared = parts_.environment;
    if (sandbox != nullptr) {
        for (const auto& [name, value] : sandbox->environment())
            shared[name] = value;
        constexpr std::uint64_t megabyte = 1024 * 1024;
        options.sandbox = sandbox->of(
            directory.filename(), uses_runtimes,
            static_cast<std::uint64_t>(parts_.function->ephemeral_storage_megabytes) * megabyte);
    }
    options.environment = function_environment({.function = *parts_.function,
                                                .runtime = parts_.runtime,
                                                .credentials = parts_.credentials,
                                                .code = code,
                                                .shared = shared,
                                                .log_stream = log_.stream(),
                                                .runtime_api = endpoint_.address()});
    if (parts_.debug)
        add_debug_variables(*parts_.debug, parts_.debugging, *options.environment);
    options.working_directory = code;
    options.standard_output = process::Stream::pipe;
    options.standard_error = process::Stream::joined;
    options.new_session = true;
    options.die_with_parent = true;
    options.file_mask = mode_t{0022}; // as on Lambda; the cloud's own lets nobody else read
    if (sandbox == nullptr)
        options.hosts_file = parts_.hosts_file;
    return options;
}

/// Throws Error when there is no program to start. In a sandbox, says where it is there.
void Instance::find_program(process::SpawnOptions& options) const
{
    auto& program = options.arguments.front();
    const bool is_code = program.contains('/');
    const auto bootstrap =
        options.sandbox
            ? parts_.code->directory() /
                  std::filesystem::path(program).lexically_relative(FunctionSandbox::code)
            : std::filesystem::path(program);
    if (is_code)
        require_bootstrap(bootstrap, program);
    if (!options.sandbox)
        return;
    if (!is_code)
        program = parts_.sandbox->path_of(program);
    options.sandbox->program_outside = is_code ? bootstrap : std::filesystem::path(program);
}

bool Instance::start()
{
    NIMBUS_ASSERT(is_on_loop() && state_ == State::starting && child_.pid() < 0,
                  "an instance is started once, by the loop's thread");
    spawned_ = std::chrono::steady_clock::now();
    deadline_ = spawned_ + (waits_for_debugger() ? debugger_interval : parts_.start_limit);
    auto options = spawn_options();
    try {
        find_program(options);
        child_ = process::ChildProcess::spawn(options);
        if (options.sandbox)
            endpoint_.belongs_to(process::user_of(child_.pid()).value_or(::geteuid()));
    } catch (const Error& error) {
        start_error_ = {"Runtime.InvalidEntrypoint", error.what()};
        log_.line(sentences_of(error));
        parts_.cloud_log.warning("An instance cannot be started",
                                 {{"function", parts_.function->name}, {"reason", error.what()}});
        state_ = State::ending;
        return false;
    }
    parts_.cloud_log.debug("An instance was started",
                           {{"function", parts_.function->name}, {"pid", child_.pid()}});
    if (parts_.debug)
        parts_.debugging.started(parts_.function->name, child_.pid());
    memory_ = ResidentMemory(child_.pid());
    on_output_ =
        parts_.loop.when_readable(child_.standard_output().get(), [this] { read_output(); });
    on_exit_ = parts_.loop.when_readable(child_.exit_descriptor(), [this] { process_ended(); });
    return true;
}

void Instance::initialize_at(Invocation invocation, InstanceLog::Detail detail)
{
    NIMBUS_ASSERT(is_on_loop() && state_ == State::starting && !invocation_,
                  "what has just been started may begin an invocation");
    began_early_ = true;
    run_since_ = spawned_;
    deadline_ = spawned_ + timeout();
    invocation_ = std::move(invocation);
    log_.begin(invocation_->request_id, detail);
}

bool Instance::run(Invocation& invocation, SteadyTime now, InstanceLog::Detail detail)
{
    NIMBUS_ASSERT(is_on_loop() && state_ == State::idle && !invocation_,
                  "an instance that waits gets an invocation, one at a time");
    if (!send(invocation, timeout()))
        return false;
    state_ = State::busy;
    run_since_ = now;
    deadline_ = now + timeout();
    invocation_ = std::move(invocation);
    std::string().swap(invocation_->payload);
    log_.begin(invocation_->request_id, detail);
    return true;
}

bool Instance::send(const Invocation& invocation, milliseconds time_left)
{
    NIMBUS_ASSERT(invocation.done != nullptr, "an invocation that begins has no result yet");
    const auto wall = system_now();
    const auto trace_id = parts_.ids.trace_id(wall);
    return endpoint_.send({
        .request_id = invocation.request_id,
        .deadline_milliseconds =
            to_unix_milliseconds(wall + (parts_.debug ? debugging_limit : time_left)),
        .function_arn = parts_.function->arn,
        .trace_id = trace_id,
        .client_context = invocation.client_context,
        .payload = invocation.payload,
    });
}

void Instance::end()
{
    NIMBUS_ASSERT(is_on_loop(), "instances end on the loop's thread");
    if (state_ == State::ending)
        return;
    if (parts_.debug)
        parts_.debugging.ended(parts_.function->name, child_.pid(), is_debugger_attached());
    parts_.owner.instance_ending(*this);
    state_ = State::ending;
    child_.signal_group(SIGKILL); // before its connection closes, lest it complains
    endpoint_.close();
}

void Instance::reap()
{
    NIMBUS_ASSERT(state_ == State::ending, "what is waited for was ended");
    child_.signal_group(SIGKILL);
    child_.wait(Deadline::never());
}

SteadyTime Instance::check(SteadyTime now, bool look_at_memory)
{
    if (state_ == State::idle || state_ == State::ending)
        return SteadyTime::max();
    const auto limit = static_cast<std::size_t>(parts_.function->memory_megabytes) * 1024 * 1024;
    const bool is_over_memory = look_at_memory && memory_.sample() > limit;
    if (!is_over_memory && now < deadline_)
        return deadline_;
    if (!is_over_memory && waits_for_debugger())
        return deadline_ = now + debugger_interval;
    if (!is_over_memory && is_debugger_attached())
        return deadline_ = now + timeout();
    switch (state_) {
    case State::starting:
        if (is_over_memory)
            fail_to_start(out_of_memory(), Retry::useless);
        else if (invocation_)
            fail_to_start(timed_out(parts_.function->timeout_seconds), Retry::useless,
                          Status::timeout);
        else
            fail_to_start(not_ready_within(parts_.start_limit), Retry::at_invocation,
                          Status::timeout);
        break;
    case State::busy:
        if (is_over_memory)
            fail(out_of_memory(), Status::error);
        else
            fail(timed_out(parts_.function->timeout_seconds), Status::timeout);
        break;
    default:
        parts_.cloud_log.warning(
            "An instance was ended after it had answered",
            {{"function", parts_.function->name},
             {"pid", child_.pid()},
             {"reason", is_over_memory ? "it used more than its memory"
                                       : "it did not ask for the next event in time"}});
        log_.line(is_over_memory ? "[nimbus] The instance was ended: it used more than its memory "
                                   "after it had answered"
                                 : "[nimbus] The instance was ended: it answered, but did not ask "
                                   "for the next event within the function's timeout");
        end();
    }
    return SteadyTime::max();
}

bool Instance::is_debugger_attached() const
{
    return parts_.debug && local::is_debugger_attached(*parts_.debug, child_.pid());
}

/// Before main, as long as somebody debugs the function.
bool Instance::waits_for_debugger() const
{
    return starting() && parts_.debug && parts_.debug->is_native() &&
           parts_.debugging.mode_of(parts_.function->name) == parts_.debug;
}

void Instance::runtime_waits()
{
    NIMBUS_ASSERT(state_ == State::starting || state_ == State::answered,
                  "an instance asks when it has started or answered");
    const auto now = std::chrono::steady_clock::now();
    idle_since_ = now;
    if (starting()) {
        init_milliseconds_ = in_milliseconds(now - spawned_);
        state_ = State::idle;
        parts_.owner.instance_started(*this);
    }
    state_ = State::idle;
    if (!invocation_)
        return parts_.owner.instance_waits(*this);
    state_ = State::busy;
    const auto time_left = std::chrono::ceil<milliseconds>(deadline_ - now);
    if (send(*invocation_, std::max(time_left, milliseconds(0))))
        std::string().swap(invocation_->payload);
    // Else it is gone, and its end is the invocation's.
}

void Instance::runtime_left()
{
    if (state_ != State::idle)
        return;
    state_ = State::answered;
    deadline_ = std::chrono::steady_clock::now() + parts_.start_limit;
    parts_.owner.instance_left(*this);
}

void Instance::runtime_answered(std::string payload)
{
    finish(Kind::success, std::move(payload));
}

void Instance::runtime_failed(std::string error_type, std::string payload)
{
    if (trim(payload).empty())
        payload = "{\"errorMessage\":\"Unknown application error occurred\"}";
    finish(Kind::function_error, std::move(payload),
           "the handler reported " + std::string(type_name(error_type)));
}

void Instance::runtime_answered_too_much(std::size_t)
{
    const auto error = answered_too_much();
    NIMBUS_ASSERT(invocation_, "an answer belongs to an invocation");
    finish(Kind::function_error, error_document(error, invocation_->request_id), reason_of(error),
           Status::error, error.type);
}

void Instance::runtime_failed_to_start(std::string error_type, std::string payload)
{
    start_document_ = std::move(payload);
    fail_to_start({error_type.empty() ? "Runtime.Unknown" : std::move(error_type),
                   "The runtime could not start"},
                  Retry::useless);
}

void Instance::read_output()
{
    std::array<char, 16 * 1024> buffer;
    for (std::size_t total = 0; on_output_ && total < max_output_at_once;) {
        const auto got = ::read(child_.standard_output().get(), buffer.data(), buffer.size());
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            on_output_.cancel();
        if (got <= 0)
            return;
        log_.output({buffer.data(), static_cast<std::size_t>(got)});
        total += static_cast<std::size_t>(got);
        if (static_cast<std::size_t>(got) < buffer.size())
            return;
    }
}

void Instance::process_ended()
{
    // What it said last counts: it may have answered and left in one go.
    if (state_ != State::ending)
        endpoint_.read_arrived();
    child_.signal_group(SIGKILL);
    const auto status = child_.wait(Deadline::after(milliseconds(0)));
    if (!status)
        return;
    read_output();
    if (state_ == State::busy)
        fail(exited(*status), Status::error);
    else if (state_ == State::starting)
        fail_to_start(exited(*status), Retry::useful);
    else
        end();
    log_.flush();
    parts_.owner.instance_gone(*this);
}

/// Ends the process and the invocation that it has.
void Instance::fail(const PlatformError& error, Status status)
{
    NIMBUS_ASSERT((state_ == State::busy || state_ == State::starting) && invocation_,
                  "an invocation fails while it runs");
    read_output();
    const bool is_timeout = status == Status::timeout;
    log_failure(invocation_->request_id, error, status);
    auto document = error_document(error, invocation_->request_id);
    end();
    finish(is_timeout ? Kind::timed_out : Kind::crashed, std::move(document), reason_of(error),
           status, is_timeout ? std::string_view() : std::string_view(error.type));
}

void Instance::log_failure(const std::string& request_id, const PlatformError& error, Status status)
{
    if (status == Status::timeout)
        return log_.line(format_iso8601_milliseconds(system_now()) + " " + request_id + " " +
                         error.message);
    log_.line("RequestId: " + request_id + " Error: " + error.message);
    log_.line(error.type);
}

/// Lines as Lambda's. Source: Lambda Developer Guide, "Understanding the Lambda execution
/// environment lifecycle", Failures during the Init phase.
void Instance::fail_to_start(const PlatformError& error, Retry retry, Status status)
{
    NIMBUS_ASSERT(state_ == State::starting, "what has started does not fail to start");
    start_error_ = error;
    retry_ = retry;
    read_output();
    parts_.cloud_log.warning("An instance did not start", {{"function", parts_.function->name},
                                                           {"pid", child_.pid()},
                                                           {"error_type", type_name(error.type)}});
    log_.line(
        fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}",
                    in_milliseconds(std::chrono::steady_clock::now() - spawned_),
                    invocation_ ? "invoke" : "init",
                    status == Status::timeout ? "timeout" : "error\tError Type: " + error.type));
    if (!invocation_) {
        end();
        return parts_.owner.instance_failed_to_start(*this);
    }
    if (start_document_.empty())
        return fail(error, status);
    log_failure(invocation_->request_id, error, status);
    end();
    finish(Kind::function_error, start_document_, reason_of_start(error), status, error.type);
}

InvocationResult Instance::blame(const Invocation& invocation)
{
    NIMBUS_ASSERT(state_ == State::ending && !start_error_.type.empty(),
                  "what is blamed has failed to start");
    const auto& id = invocation.request_id;
    log_.begin(id, InstanceLog::Detail::complete);
    log_failure(id, start_error_, Status::error);
    const bool is_reported = !start_document_.empty();
    InvocationResult result{
        .kind = is_reported ? Kind::function_error : Kind::crashed,
        .payload = is_reported ? start_document_ : error_document(start_error_, id),
        .request_id = id,
        .log_tail = log_.end({.memory_megabytes = parts_.function->memory_megabytes,
                              .used_bytes = memory_.peak(),
                              .status = Status::error,
                              .error_type = start_error_.type}),
        .reason = reason_of_start(start_error_),
    };
    log_result(invocation, result);
    return result;
}

void Instance::finish(Kind kind, std::string payload, std::string reason, Status status,
                      std::string_view error_type)
{
    NIMBUS_ASSERT(invocation_ && (state_ == State::busy || state_ == State::ending),
                  "an invocation has one result");
    const auto now = std::chrono::steady_clock::now();
    read_output(); // what it wrote before it answered
    if (memory_.peak() == 0)
        memory_.sample();
    auto invocation = std::move(*invocation_);
    invocation_.reset();
    answered_at_ = now;
    if (state_ != State::ending)
        state_ = State::answered;
    InvocationResult result{
        .kind = kind,
        .payload = std::move(payload),
        .request_id = invocation.request_id,
        .log_tail = log_.end({.milliseconds = in_milliseconds(now - run_since_),
                              .init_milliseconds = std::exchange(init_milliseconds_, {}),
                              .memory_megabytes = parts_.function->memory_megabytes,
                              .used_bytes = memory_.peak(),
                              .status = status,
                              .error_type = error_type}),
        .reason = std::move(reason),
    };
    log_result(invocation, result);
    invocation.done(std::move(result));
}

void Instance::log_result(const Invocation& invocation, const InvocationResult& result) const
{
    const bool is_success = result.kind == Kind::success;
    const auto level = is_success ? LogLevel::debug : LogLevel::warning;
    if (!parts_.cloud_log.has(level))
        return;
    const auto since = std::chrono::steady_clock::now() - invocation.arrival;
    parts_.cloud_log.write(
        level, is_success ? "An invocation succeeded" : "An invocation failed",
        {{"request_id", invocation.caller_request_id},
         {"invocation_id", invocation.request_id},
         {"function", parts_.function->name},
         {"pid", child_.pid()},
         {"milliseconds", std::chrono::duration_cast<milliseconds>(since).count()},
         {"reason", result.reason}});
}

} // namespace nimbus::local
