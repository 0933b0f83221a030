#include "process/child_process.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/pipe.h"
#include "base/text.h"
#include "process/child_plan.h"
#include "process/interpreter.h"
#include "process/interruptible_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::process {
namespace {

/// Puts a file in the place of /etc/hosts, for this process and those that it starts. Users need a
/// user namespace for it, in which they stay who they are: user_namespaces(7), mount_namespaces(7).
bool replace_hosts(const ChildPlan& plan)
{
    const bool is_root = plan.user_map.empty();
    if (::unshare(is_root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    if (!is_root && !(write_to(AT_FDCWD, "/proc/self/setgroups", "deny") &&
                      write_to(AT_FDCWD, "/proc/self/uid_map", plan.user_map) &&
                      write_to(AT_FDCWD, "/proc/self/gid_map", plan.group_map)))
        return false;
    // What is mounted elsewhere from now on arrives here; what is mounted here goes nowhere.
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
           ::mount(plan.hosts_file.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings)
{
    std::vector<char*> pointers;
    for (auto& text : strings)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

ExitStatus decode(int status)
{
    if (WIFSIGNALED(status))
        return {0, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

/// Linux says ENOENT of a program that is there when its directory is not, or what it runs with.
[[noreturn]] void throw_start_error(const StartReport& report, const std::string& name,
                                    const ChildPlan& plan, const SpawnOptions& options)
{
    auto what = "'" + name + "' could not be started";
    if (report.step != nullptr)
        throw_system_error(report.error_number, what + ": " + report.step);
    const auto is_missing = [](const std::filesystem::path& path) {
        std::error_code ignored;
        return path.is_absolute() && !std::filesystem::exists(path, ignored);
    };
    if (report.error_number == ENOENT && !plan.sandbox && is_missing(plan.working_directory))
        throw Error(what + ": there is no directory '" + plan.working_directory + "'");
    const auto interpreter = interpreter_of(options.sandbox ? options.sandbox->program_outside
                                                            : std::filesystem::path(plan.program));
    if (report.error_number == ENOENT && interpreter.string().ends_with('\r'))
        throw Error(what +
                        ": its lines end with carriage returns, as on Windows, so Linux looks "
                        "for an interpreter named '" +
                        replace_all(interpreter.string(), "\r", "\\r") + "'",
                    "Save it with Unix line ends: sed -i 's/\\r$//' takes the others away.");
    if (report.error_number == ENOENT &&
        (plan.sandbox ? !interpreter.empty() : is_missing(interpreter)))
        throw Error(what + ": its interpreter " + interpreter.string() + " is not there" +
                        (plan.sandbox ? " in the sandbox" : ""),
                    "Install the interpreter; or name another one in the first line of a script, "
                    "and link an executable with -static.");
    throw_system_error(report.error_number, what);
}

void set_non_blocking(int fd)
{
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

} // namespace

void fail_in_child(const ChildPlan& plan, const char* step)
{
    const StartReport report{.error_number = errno, .step = step};
    [[maybe_unused]] const auto ignored = ::write(plan.report, &report, sizeof report);
    ::_exit(127);
}

void become_child(ChildPlan& plan)
{
    if (plan.new_group)
        ::setpgid(0, 0);
    if (plan.terminal >= 0)
        ::tcsetpgrp(plan.terminal, ::getpid()); // SIGTTOU is blocked, as all signals are
    // Sources may lie on numbers that are wanted: lift all of them above first.
    int base = plan.highest_descriptor + 1;
    for (auto& [source, number] : plan.descriptors) {
        source = ::fcntl(source, F_DUPFD_CLOEXEC, base);
        if (source < 0)
            fail_in_child(plan);
    }
    plan.report = ::fcntl(plan.report, F_DUPFD_CLOEXEC, base);
    for (const auto& [source, number] : plan.descriptors)
        if (::dup2(source, number) < 0)
            fail_in_child(plan);
    // Close what nobody listed: libraries open descriptors without O_CLOEXEC.
    ::syscall(SYS_close_range, static_cast<unsigned>(base), ~0u, 1u << 2 /* CLOSE_RANGE_CLOEXEC */);
    for (int fd = 3; fd < base; ++fd) {
        const bool wanted = std::ranges::any_of(
            plan.descriptors, [fd](const auto& entry) { return entry.second == fd; });
        if (!wanted)
            ::close(fd);
    }
    // Not before: the parent's descriptors, which count until exec, may be more than that.
    if (plan.sandbox && ::setrlimit(RLIMIT_NOFILE, &plan.sandbox->descriptors) != 0)
        fail_in_child(plan, "limiting descriptors");

    if (plan.new_session)
        ::setsid();
    if (plan.file_mask)
        ::umask(*plan.file_mask);
    if (plan.address_space_limit != 0) {
        const rlimit limit{plan.address_space_limit, plan.address_space_limit};
        if (::setrlimit(RLIMIT_AS, &limit) != 0)
            fail_in_child(plan);
    }
    if (plan.identity) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(plan.identity->gid) != 0 ||
            ::setuid(plan.identity->uid) != 0)
            fail_in_child(plan);
    }
    if (!plan.hosts_file.empty() && !replace_hosts(plan))
        fail_in_child(plan);
    // After setuid, which clears it. A parent that is gone already would never send the signal.
    if (plan.die_with_parent) {
        ::prctl(PR_SET_PDEATHSIG, plan.death_signal);
        if (plan.sandbox ? parent_is_gone(plan) : ::getppid() != plan.parent)
            ::_exit(127);
    }
    if (!plan.working_directory.empty() && ::chdir(plan.working_directory.c_str()) != 0)
        fail_in_child(plan);

    struct sigaction default_action{};
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &default_action, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
    fail_in_child(plan);
}

bool parent_is_gone(const ChildPlan& plan) noexcept
{
    pollfd pipe{plan.report, 0, 0};
    return ::poll(&pipe, 1, 0) > 0 && (pipe.revents & POLLERR) != 0;
}

bool write_to(int directory, const char* path, std::string_view text) noexcept
{
    const int fd = ::openat(directory, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const auto written = ::write(fd, text.data(), text.size());
    ::close(fd);
    return written == static_cast<ssize_t>(text.size());
}

std::string id_map(id_t inside, id_t outside)
{
    return std::to_string(inside) + ' ' + std::to_string(outside) + " 1\n";
}

Identity unprivileged_identity()
{
    for (const char* name : {"postgres", "nobody"}) {
        passwd entry{};
        passwd* found = nullptr;
        std::array<char, 4096> buffer;
        if (::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found) == 0 &&
            found != nullptr)
            return {entry.pw_uid, entry.pw_gid};
    }
    throw Error("This system has neither a user 'postgres' nor a user 'nobody'",
                "Run Nimbus as an ordinary user instead of root.");
}

std::vector<std::string> current_environment()
{
    std::vector<std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    return variables;
}

std::optional<std::filesystem::path> find_program(const std::string& name)
{
    const auto is_executable = [](const std::filesystem::path& path) {
        std::error_code ignored;
        return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string::npos)
        return is_executable(name) ? std::optional<std::filesystem::path>(name) : std::nullopt;
    const char* path = std::getenv("PATH");
    for (const auto directory : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
        auto candidate = std::filesystem::path(directory) / name;
        if (!directory.empty() && is_executable(candidate))
            return candidate;
    }
    return {};
}

bool can_replace_hosts(const std::filesystem::path& hosts_file)
{
    constexpr std::chrono::seconds patience(10);
    try {
        return run({.arguments = {"true"}, .hosts_file = hosts_file}, Deadline::after(patience))
            .status.success();
    } catch (const Error&) {
        return false;
    }
}

std::string ExitStatus::text() const
{
    if (signal != 0)
        return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
    return "exit status " + std::to_string(code);
}

namespace {

constexpr std::size_t stack_bytes = 16 * 1024;

/// Of the two processes that a sandbox is entered with; more than their calls need.
struct Stacks {
    alignas(16) std::array<char, stack_bytes> init;
    alignas(16) std::array<char, stack_bytes> program;
};

rlimit limit_of(int resource, rlim_t wanted)
{
    rlimit present{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &present);
    const auto limit = std::min(wanted, present.rlim_max);
    return {limit, limit};
}

SandboxPlan sandbox_plan(const Sandboxed& options, Stacks& stacks)
{
    SandboxPlan plan;
    for (const auto& [source, target] : options.mounts)
        plan.mounts.emplace_back(source.string(), target.string());
    plan.tmp_options = "mode=1777,size=" + std::to_string(options.tmp_bytes);
    plan.processes = limit_of(RLIMIT_NPROC, options.max_processes);
    plan.descriptors = limit_of(RLIMIT_NOFILE, options.max_descriptors);
    plan.init_stack = stacks.init.data() + stacks.init.size();
    plan.program_stack = stacks.program.data() + stacks.program.size();
    return plan;
}

/// All reports of a child that starts, as one.
StartReport read_reports(const UniqueFd& pipe)
{
    StartReport all;
    for (;;) {
        StartReport report;
        const auto got = ::read(pipe.get(), &report, sizeof report);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != sizeof report)
            return all;
        if (report.error_number != 0) {
            all.error_number = report.error_number;
            all.step = report.step;
        }
        if (report.program >= 0)
            all.program = report.program;
        if (report.init >= 0)
            all.init = report.init;
    }
}

} // namespace

ChildProcess ChildProcess::spawn(const SpawnOptions& options)
{
    NIMBUS_ASSERT(!options.arguments.empty(), "there is a program to start");
    const std::string name = options.arguments.front();
    const auto program = options.sandbox ? std::filesystem::path(name) : find_program(name);
    if (!program)
        throw Error("'" + name + "' could not be started: there is no such program");

    std::vector<std::string> arguments = options.arguments;
    std::vector<std::string> environment =
        options.environment ? *options.environment : current_environment();
    ChildPlan plan{};
    plan.program = program->string();
    plan.argv = pointers_to(arguments);
    plan.envp = pointers_to(environment);
    plan.working_directory = options.working_directory.string();
    plan.identity = options.identity;
    plan.new_session = options.new_session;
    plan.new_group = options.new_group;
    plan.terminal = options.terminal;
    plan.die_with_parent = options.die_with_parent;
    plan.death_signal = options.death_signal;
    plan.parent = ::getpid();
    plan.address_space_limit = options.address_space_limit;
    plan.file_mask = options.file_mask;
    NIMBUS_ASSERT(options.hosts_file.empty() || !options.identity,
                  "another identity could not mount its hosts file");
    plan.hosts_file = options.hosts_file.string();
    if (::geteuid() != 0) {
        plan.user_map = id_map(::geteuid(), ::geteuid());
        plan.group_map = id_map(::getegid(), ::getegid());
    }
    Stacks stacks;
    if (options.sandbox) {
        NIMBUS_ASSERT(!options.identity && options.hosts_file.empty() && options.die_with_parent,
                      "a sandbox has users and hosts of its own, and ends with us");
        options.sandbox->sandbox->reap(false);
        plan.sandbox = sandbox_plan(*options.sandbox, stacks);
        options.sandbox->sandbox->complete(*plan.sandbox);
    }

    ChildProcess child;
    std::vector<UniqueFd> child_ends;
    const auto connect = [&](Stream stream, int number, UniqueFd& our_end) {
        if (stream == Stream::inherit) {
            plan.descriptors.emplace_back(number, number);
        } else if (stream == Stream::joined) {
            NIMBUS_ASSERT(number == STDERR_FILENO, "standard error joins standard output");
            plan.descriptors.emplace_back(plan.descriptors.back().first, number);
        } else if (stream == Stream::null) {
            child_ends.emplace_back(::open("/dev/null", O_RDWR | O_CLOEXEC));
            plan.descriptors.emplace_back(child_ends.back().get(), number);
        } else {
            Pipe pipe = make_pipe();
            our_end = std::move(number == 0 ? pipe.write : pipe.read);
            child_ends.push_back(std::move(number == 0 ? pipe.read : pipe.write));
            plan.descriptors.emplace_back(child_ends.back().get(), number);
            if (number != 0)
                set_non_blocking(our_end.get());
            // Who opens /dev/stdout opens the pipe anew.
            if (plan.sandbox && plan.sandbox->changes_user &&
                ::fchown(child_ends.back().get(), plan.sandbox->uid, plan.sandbox->gid) != 0)
                throw_system_error(errno, "Cannot give a pipe to the program's user");
        }
    };
    connect(options.standard_input, 0, child.input_);
    connect(options.standard_output, 1, child.output_);
    connect(options.standard_error, 2, child.error_);
    plan.descriptors.insert(plan.descriptors.end(), options.descriptors.begin(),
                            options.descriptors.end());
    plan.highest_descriptor = 2;
    for (const auto& [source, number] : plan.descriptors)
        plan.highest_descriptor = std::max(plan.highest_descriptor, number);

    Pipe report = make_pipe();
    plan.report = report.write.get();
    plan.report_read = report.read.get();

    // Signals stay blocked in the child until it has left our handlers behind.
    sigset_t all;
    sigset_t previous;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous);
    // vfork copies no page tables: a millisecond of a function's start. But a change of identity
    // would touch the memory's owner, too (its "dumpable" attribute, prctl(2)).
    // NOLINTNEXTLINE(bugprone-unsafe-functions): posix_spawn knows none of what become_child does.
    const pid_t pid = plan.identity ? ::fork() : ::vfork();
    if (pid == 0) {
        if (plan.sandbox)
            start_in_sandbox(plan);
        become_child(plan);
    }
    const int fork_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    if (pid < 0)
        throw_system_error(fork_error, "'" + name + "' could not be started");

    report.write.reset();
    const auto reported = read_reports(report.read);
    child.pid_ = pid;
    if (options.sandbox) {
        ::waitpid(pid, nullptr, 0); // who started the others
        child.pid_ = reported.program;
        child.init_ = reported.init;
        child.sandbox_ = options.sandbox->sandbox;
    }
    child.leads_group_ = options.new_session || options.new_group;
    if (reported.error_number != 0) {
        int status = 0;
        if (child.pid_ > 0)
            ::waitpid(child.pid_, &status, 0);
        child.end_sandbox();
        child.status_ = decode(status);
        throw_start_error(reported, name, plan, options);
    }
    NIMBUS_ASSERT(child.pid_ > 0, "what was started has a number");
    child.pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
    return child;
}

void ChildProcess::end_sandbox() noexcept
{
    if (init_ > 0)
        sandbox_->end(init_);
    init_ = -1;
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept
{
    // The old child, if any, leaves with `other` and is killed there.
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(input_, other.input_);
    std::swap(output_, other.output_);
    std::swap(error_, other.error_);
    std::swap(leads_group_, other.leads_group_);
    std::swap(sandbox_, other.sandbox_);
    std::swap(init_, other.init_);
    std::swap(status_, other.status_);
    return *this;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)),
      input_(std::move(other.input_)), output_(std::move(other.output_)),
      error_(std::move(other.error_)), leads_group_(other.leads_group_),
      sandbox_(std::move(other.sandbox_)), init_(std::exchange(other.init_, -1)),
      status_(other.status_)
{
}

ChildProcess::~ChildProcess()
{
    if (pid_ > 0 && !status_) {
        ::kill(pid_, SIGKILL);
        wait(Deadline::never());
    }
    end_sandbox();
}

void ChildProcess::signal(int number) const noexcept
{
    if (pid_ > 0 && !status_)
        ::kill(pid_, number);
}

void ChildProcess::release() noexcept
{
    NIMBUS_ASSERT(!sandbox_, "what runs in a sandbox ends with us");
    pid_ = -1;
    pidfd_.reset();
}

void ChildProcess::signal_group(int number) const noexcept
{
    if (pid_ <= 0 || status_)
        return;
    NIMBUS_ASSERT(leads_group_, "a group is signalled that the child leads, not ours");
    ::kill(-pid_, number);
    if (init_ > 0 && number == SIGKILL)
        ::kill(init_, SIGKILL);
}

std::optional<ExitStatus> ChildProcess::wait(Deadline deadline)
{
    while (pid_ > 0 && !status_) {
        int status = 0;
        const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
        if (reaped == pid_) {
            status_ = decode(status);
            end_sandbox();
        } else if (reaped < 0 && errno == ECHILD) {
            status_ = ExitStatus{};
        } else {
            if (deadline.reached())
                return {};
            pollfd ended{pidfd_.get(), POLLIN, 0};
            ::poll(&ended, 1, static_cast<int>(deadline.remaining().count()));
        }
    }
    return status_;
}

ExitStatus ChildProcess::terminate(std::chrono::milliseconds grace, int number)
{
    signal(number);
    if (!wait(Deadline::after(grace))) {
        signal(SIGKILL);
        wait(Deadline::never());
    }
    return status_.value_or(ExitStatus{});
}

namespace {

/// Lends our terminal to a group of ours, and takes it back: only the group in the foreground may
/// read from it (credentials(7), "Process groups"). Nothing where we have none, or are in the
/// background ourselves.
class TerminalLoan {
public:
    explicit TerminalLoan(bool is_wanted)
    {
        if (!is_wanted)
            return;
        terminal_ = UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC));
        if (terminal_ && ::tcgetpgrp(terminal_.get()) != ::getpgrp())
            terminal_.reset();
    }
    ~TerminalLoan()
    {
        if (!terminal_)
            return;
        // Who is in the background and touches the terminal is stopped by SIGTTOU otherwise.
        sigset_t stop;
        sigset_t previous;
        sigemptyset(&stop);
        sigaddset(&stop, SIGTTOU);
        ::pthread_sigmask(SIG_BLOCK, &stop, &previous);
        ::tcsetpgrp(terminal_.get(), ::getpgrp());
        ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    }
    TerminalLoan(const TerminalLoan&) = delete;
    TerminalLoan& operator=(const TerminalLoan&) = delete;

    int descriptor() const noexcept { return terminal_.get(); }

private:
    UniqueFd terminal_;
};

/// Kills it, with all that it started where that is known.
void stop(const ChildProcess& child, const SpawnOptions& options)
{
    if (options.new_session || options.new_group)
        child.signal_group(SIGKILL);
    else
        child.signal(SIGKILL);
}

} // namespace

Output run(SpawnOptions options, Deadline deadline, const OutputLimit& limit)
{
    return run(std::move(options), deadline, limit, -1);
}

Output run(SpawnOptions options, Deadline deadline, const OutputLimit& limit, int interrupt)
{
    options.standard_output = Stream::pipe;
    options.standard_error = Stream::pipe;
    const TerminalLoan loan(options.new_group);
    options.terminal = loan.descriptor();
    ChildProcess child = ChildProcess::spawn(options);
    const auto stop_late = [&] {
        stop(child, options);
        throw Error("'" + options.arguments[0] + "' did not end in time and was stopped");
    };
    Output output;
    std::array<std::pair<UniqueFd*, std::string*>, 2> streams{
        {{&child.standard_output(), &output.standard_output},
         {&child.standard_error(), &output.standard_error}}};
    std::array<char, 16 * 1024> buffer;
    while (*streams[0].first || *streams[1].first) {
        if (deadline.reached())
            stop_late();
        std::array<pollfd, 3> polled{{{streams[0].first->get(), POLLIN, 0},
                                      {streams[1].first->get(), POLLIN, 0},
                                      {interrupt, POLLIN, 0}}};
        ::poll(polled.data(), polled.size(), static_cast<int>(deadline.remaining().count()));
        if (polled[2].revents != 0) {
            stop(child, options);
            throw Interrupted("'" + options.arguments[0] + "' was interrupted");
        }
        for (std::size_t i = 0; i < streams.size(); ++i) {
            if (polled[i].revents == 0)
                continue;
            const ssize_t got = ::read(polled[i].fd, buffer.data(), buffer.size());
            auto& output_so_far = *streams[i].second;
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
                streams[i].first->reset();
            } else if (got > 0 && output_so_far.size() < limit.bytes) {
                output_so_far.append(buffer.data(), static_cast<std::size_t>(got));
            } else if (got > 0 && limit.ends_program) {
                stop(child, options);
                throw TooMuchOutput("'" + options.arguments[0] + "' wrote more than " +
                                    std::to_string(limit.bytes) + " bytes and was stopped");
            }
        }
    }
    const auto status = child.wait(deadline);
    if (!status)
        stop_late();
    output.status = *status;
    return output;
}

} // namespace nimbus::process
