#pragma once

#include "base/mutex.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace nimbus::process {

struct SandboxPlan;

/// A file or directory, and the path at which a sandbox shows it.
struct Mount {
    std::filesystem::path source;
    std::filesystem::path target;
};

/// The file tree that the programs of a sandbox find, all of it read-only.
struct SandboxTree {
    /// Becomes "/". It has the places of all mounts, and the directories `proc` and `tmp`.
    std::filesystem::path root;
    /// Of this system, with what is mounted below them, in this order.
    std::vector<Mount> mounts;
    /// Character devices, at the paths that they have here.
    std::vector<std::filesystem::path> devices;
};

/// A view of the machine for programs that shall see no more than what they need: a file tree, and
/// in it for each program processes, IPC objects and a /tmp of its own, no capability, and limits.
/// The network is everybody's.
///
/// The tree is mounted once, in namespaces that only this object holds; each program gets a copy of
/// them, which takes a quarter of a millisecond. Root makes it with its own rights and runs the
/// programs as users that nobody else is; others make a user namespace for it. Thread-safe.
/// Sources: mount_namespaces(7), pid_namespaces(7), user_namespaces(7), mount_setattr(2).
class Sandbox {
public:
    /// Whom programs run as, in their own view: Lambda's user.
    static constexpr uid_t user = 993;
    static constexpr gid_t group = 990;

    /// Throws Error with what this system does not allow. Best called before the process has
    /// threads: it forks.
    /// Without `nests_users`, which only root can do without, programs get no user namespace.
    explicit Sandbox(const SandboxTree& tree, bool nests_users = true);
    /// Waits for the ends of all programs; they must have been told to end.
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// Is the number of processes limited for each program by itself? Without user namespaces, all
    /// programs share the limit.
    bool counts_each_program() const noexcept { return nests_users_; }

private:
    friend class ChildProcess;

    /// Kills the first process of a PID namespace, and all others of it with it. Reaps it now or
    /// later: the kernel takes its time to unmount.
    void end(pid_t init) noexcept;
    void reap(bool wait);
    /// Adds what all programs share, and the user of one.
    void complete(SandboxPlan& plan) const;

    UniqueFd user_namespace_; ///< none for root
    UniqueFd mount_namespace_;
    UniqueFd proc_; ///< this system's /proc
    UniqueFd init_; ///< the program that is process 1 of each program's view
    bool nests_users_;
    Mutex mutex_;
    std::vector<pid_t> ending_ NIMBUS_GUARDED_BY(mutex_);
};

/// How one program uses a sandbox.
struct Sandboxed {
    std::shared_ptr<Sandbox> sandbox;
    /// Beside the tree, in this order: paths in the tree, before and after.
    std::vector<Mount> mounts;
    std::uint64_t tmp_bytes = 0; ///< room in its /tmp
    /// Where the program lies outside, to say why it cannot be started.
    std::filesystem::path program_outside;
    /// Processes and threads, and descriptors of each process. Source: Lambda Developer Guide,
    /// "Lambda quotas".
    std::uint64_t max_processes = 1'024;
    std::uint64_t max_descriptors = 1'024;
};

} // namespace nimbus::process
