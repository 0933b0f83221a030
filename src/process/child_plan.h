#pragma once

#include "process/child_process.h"

#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace nimbus::process {

/// What a child writes to the pipe that its parent reads until all its ends are closed, by exec or
/// by exit.
struct StartReport {
    int error_number = 0;       ///< something failed …
    const char* step = nullptr; ///< … namely this, where it is not exec; a literal
    pid_t program = -1;         ///< of a sandbox: what was started
    pid_t init = -1;
};

/// Of a program in a sandbox.
struct SandboxPlan {
    int user_namespace = -1;
    int mount_namespace = -1;
    int proc = -1;
    int init = -1;
    bool nests_users = true;
    uid_t uid = 0; ///< whom it runs as, seen from outside
    gid_t gid = 0;
    bool changes_user = false;
    std::vector<std::pair<std::string, std::string>> mounts; ///< source, target
    std::string tmp_options;
    std::string user_map;
    std::string group_map;
    rlimit processes{};
    rlimit descriptors{};
    char* init_stack = nullptr; ///< their upper ends
    char* program_stack = nullptr;
};

/// What the child does between fork and exec. Other threads may have held locks at the fork, and
/// after a vfork the memory is the parent's, so everything is prepared before it, and here only
/// async-signal-safe calls are made that leave nothing behind in that memory.
struct ChildPlan {
    std::string program;
    std::vector<char*> argv;
    std::vector<char*> envp;
    std::string working_directory;
    std::vector<std::pair<int, int>> descriptors; ///< source, number in the child
    std::optional<Identity> identity;
    bool new_session;
    bool new_group;
    int terminal; ///< whose foreground the new group becomes, or -1
    bool die_with_parent;
    int death_signal;
    pid_t parent;
    rlim_t address_space_limit;
    std::optional<mode_t> file_mask;
    std::string hosts_file;
    std::string user_map; ///< of a user namespace: the user as himself; empty: none is needed
    std::string group_map;
    int report;      ///< write end of the pipe that carries the StartReports
    int report_read; ///< its other end
    int highest_descriptor;
    std::optional<SandboxPlan> sandbox;
};

/// Ends the child after `step`, or exec if that is null, with errno for the parent.
[[noreturn]] void fail_in_child(const ChildPlan& plan, const char* step = nullptr);

/// From the fork to the program, without a sandbox.
[[noreturn]] void become_child(ChildPlan& plan);

/// Starts the program in its own copy of the sandbox, as a child of our parent, and ends.
[[noreturn]] void start_in_sandbox(ChildPlan& plan);

/// Nobody reads the child's report any more: the parent has ended.
bool parent_is_gone(const ChildPlan& plan) noexcept;

/// Opens `path` below `directory` and writes to it in one go.
bool write_to(int directory, const char* path, std::string_view text) noexcept;

/// A line of uid_map or gid_map: user_namespaces(7).
std::string id_map(id_t inside, id_t outside);

} // namespace nimbus::process
