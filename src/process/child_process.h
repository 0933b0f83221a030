#pragma once

#include "base/error.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "process/sandbox.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace nimbus::process {

/// Where a standard stream of the child goes.
enum class Stream {
    inherit, ///< the parent's own
    null,    ///< /dev/null
    pipe,    ///< a pipe whose other end the ChildProcess holds, non-blocking for output
    joined,  ///< of standard error only: where standard output goes, which keeps their order
};

/// An unprivileged identity to run as; only root can ask for one.
struct Identity {
    uid_t uid;
    gid_t gid;
};

/// The `postgres` user if there is one, else `nobody`: who runs what must not run as root.
/// Throws Error when the system has neither.
Identity unprivileged_identity();

struct SpawnOptions {
    std::vector<std::string> arguments; ///< [0] is the program: a path, or a name found in PATH
    /// The whole environment as NAME=value; unset: the parent's.
    std::optional<std::vector<std::string>> environment;
    std::filesystem::path working_directory; ///< empty: the parent's
    Stream standard_input = Stream::null;
    Stream standard_output = Stream::inherit;
    Stream standard_error = Stream::inherit;
    std::optional<Identity> identity;
    /// Descriptors the child gets under the numbers given (second), beside 0, 1 and 2. All others
    /// are closed.
    std::vector<std::pair<int, int>> descriptors;
    bool new_session = false;     ///< setsid: signals to our terminal do not reach it
    bool new_group = false;       ///< a process group of its own, in our session
    int terminal = -1;            ///< with `new_group`: whose foreground the group becomes
    bool die_with_parent = false; ///< `death_signal` when the thread that spawned it ends
    int death_signal = SIGKILL;
    std::size_t address_space_limit = 0; ///< RLIMIT_AS in bytes; 0: none
    std::optional<mode_t> file_mask{};   ///< umask(2); unset: the parent's
    /// What the child finds at /etc/hosts, in a mount namespace of its own; empty: the system's.
    /// Not with `identity`.
    std::filesystem::path hosts_file;
    /// Set: the program, an absolute path, and the working directory are those of a sandbox, in
    /// which it runs. Not with `identity` or `hosts_file`; with `die_with_parent`.
    std::optional<Sandboxed> sandbox{};
};

struct ExitStatus {
    int code = 0;   ///< exit code, when it exited
    int signal = 0; ///< the signal that ended it, or 0

    bool success() const noexcept { return code == 0 && signal == 0; }
    /// "exit status 3" or "signal 9 (Killed)"
    std::string text() const;
};

/// Owns one child: when destroyed, a child that still runs is killed and reaped.
class ChildProcess {
public:
    /// Throws Error "<program> could not be started: …" when the program does not exist or cannot
    /// be executed.
    static ChildProcess spawn(const SpawnOptions& options);

    ChildProcess() = default;
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the child ends (pidfd_open(2)).
    int exit_descriptor() const noexcept { return pidfd_.get(); }
    UniqueFd& standard_input() noexcept { return input_; }
    UniqueFd& standard_output() noexcept { return output_; }
    UniqueFd& standard_error() noexcept { return error_; }

    void signal(int number) const noexcept;
    /// To the child's whole process group; only with `new_session` or `new_group`. In a sandbox,
    /// SIGKILL ends all that the child started.
    void signal_group(int number) const noexcept;

    /// Reaps the child if it has ended by `deadline`.
    std::optional<ExitStatus> wait(Deadline deadline);
    /// Gives it up: it lives on, and becomes init's when we end.
    void release() noexcept;
    /// SIGTERM (or `number`), then SIGKILL after `grace`; returns how it ended.
    ExitStatus terminate(std::chrono::milliseconds grace, int number);

private:
    void end_sandbox() noexcept;

    pid_t pid_ = -1;
    UniqueFd pidfd_, input_, output_, error_;
    bool leads_group_ = false; ///< it was given a session or group of its own
    std::shared_ptr<Sandbox> sandbox_;
    pid_t init_ = -1; ///< in a sandbox, process 1 of its PID namespace, with which all others end
    std::optional<ExitStatus> status_;
};

/// What a finished program left behind.
struct Output {
    ExitStatus status;
    std::string standard_output;
    std::string standard_error;
};

/// A program wrote more than it may.
class TooMuchOutput : public Error {
public:
    using Error::Error;
};

/// What of each output is kept.
struct OutputLimit {
    std::size_t bytes = std::size_t{16} * 1024 * 1024;
    bool ends_program = false; ///< throws TooMuchOutput; else the rest is dropped
};

/// Runs a program to its end with both outputs captured. At the deadline, which throws Error, and
/// at the limit, if that ends it, the program is killed, with its whole group if it leads one. One
/// that leads a group may ask its questions on our terminal, as ours could.
Output run(SpawnOptions options, Deadline deadline, const OutputLimit& limit = {});

/// May children have a hosts file of their own? Root's may; others' where the system lets users
/// make namespaces, which it tries.
bool can_replace_hosts(const std::filesystem::path& hosts_file);

/// Ours, as SpawnOptions::environment takes it.
std::vector<std::string> current_environment();

/// The path of `name` in PATH, or nothing.
std::optional<std::filesystem::path> find_program(const std::string& name);

} // namespace nimbus::process
