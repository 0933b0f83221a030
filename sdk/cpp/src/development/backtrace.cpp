#include "development/backtrace.h"

#include "core/exception_log.h"
#include "development/last_throw.h"

#include <array>
#include <backward.hpp>
#include <csignal>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <string>
#include <ucontext.h>
#include <unistd.h>
#include <vector>

/// Where a program in development crashed, and where it threw what a handler did not catch: read
/// from its debugging information with libdw, through backward-cpp. All of this archive is linked
/// in, so that what it installs before main is there.
namespace nimbus::detail {
namespace {

/// Code of the author: not of the compiler's headers, the system's libraries or libnimbus, whose
/// build leaves no absolute path in it. The names have to do: in a sandbox, no source is there.
bool is_own_source(const std::string& file)
{
    return file.starts_with('/') && !file.starts_with("/usr/") &&
           file.find("/include/nimbus/") == std::string::npos;
}

bool is_systems(const std::string& object)
{
    return object.starts_with("/usr/") || object.starts_with("/lib");
}

/// Frames of a recursion are one line.
void add(const backward::ResolvedTrace::SourceLoc& place, std::vector<std::string>& frames)
{
    if (!is_own_source(place.filename))
        return;
    auto frame =
        "at " + place.function + " (" + place.filename + ':' + std::to_string(place.line) + ')';
    if (frames.empty() || frames.back() != frame)
        frames.push_back(std::move(frame));
}

std::vector<std::string> frames_of(const backward::StackTrace& trace)
{
    std::vector<std::string> frames;
    backward::TraceResolver resolver;
    resolver.load_stacktrace(trace);
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const auto resolved = resolver.resolve(trace[i]);
        if (is_systems(resolved.object_filename))
            continue;
        for (const auto& inlined : resolved.inliners)
            add(inlined, frames);
        add(resolved.source, frames);
    }
    return frames;
}

void* program_counter(const ucontext_t& context)
{
#if defined(__aarch64__)
    return reinterpret_cast<void*>(context.uc_mcontext.pc);
#else
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel keeps it as a number
    return reinterpret_cast<void*>(context.uc_mcontext.gregs[REG_RIP]);
#endif
}

/// Allocates memory, which a signal handler must not: a crash inside malloc may stop here, until
/// the function's timeout ends it. The kernel ends the process by the same signal afterwards.
void tell_crash(int signal, siginfo_t* info, void* context)
{
    backward::StackTrace trace;
    trace.load_from(program_counter(*static_cast<const ucontext_t*>(context)), most_frames, context,
                    info->si_addr);
    std::string text = std::string("The program crashed: ") + ::strsignal(signal) + '\n';
    for (const auto& frame : frames_of(trace))
        text += "    " + frame + '\n';
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    ::raise(signal);
}

/// Handles the signals of crashes, on a stack of its own: the thread's may have overflowed.
class CrashHandler {
public:
    CrashHandler()
    {
        const stack_t stack{.ss_sp = stack_.data(), .ss_flags = 0, .ss_size = stack_.size()};
        ::sigaltstack(&stack, nullptr);
        struct sigaction action = {};
        action.sa_sigaction = tell_crash;
        action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESETHAND);
        for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV})
            ::sigaction(signal, &action, nullptr);
    }

private:
    std::array<char, std::size_t{1024} * 1024> stack_{};
};

CrashHandler crash_handler;

/// Empty when nobody knows where it was thrown.
std::vector<std::string> frames_of_current_exception()
{
    // libstdc++'s exception_ptr is one pointer, to the exception.
    const auto current = std::current_exception();
    const void* exception = nullptr;
    static_assert(sizeof current == sizeof exception);
    std::memcpy(static_cast<void*>(&exception), static_cast<const void*>(&current),
                sizeof exception);
    const auto& last = last_throw();
    return exception == last.exception ? frames_of(last.trace) : std::vector<std::string>();
}

} // namespace

void log_exception_with_frames(const logger& to, const std::exception& exception,
                               const field& subject)
{
    const auto frames = frames_of_current_exception();
    to.error(exception.what(), {{"errorType", type_name(exception)},
                                subject,
                                {"stack", json::array(frames.begin(), frames.end())}});
}

} // namespace nimbus::detail
