#include "process/sandbox.h"

#include "base/error.h"
#include "base/pipe.h"
#include "base/random.h"
#include "process/child_plan.h"

#include <array>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace nimbus::process {
namespace {

constexpr unsigned long tmp_flags = MS_NOSUID | MS_NODEV;
constexpr unsigned long proc_flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;

// --- process 1 -------------------------------------------------------------------------------

/// Machine code that waits for signals for ever. Whoever is process 1 is not ended by its own
/// signals, so a program must not be it: abort() would fail. Exits of orphans are ignored, by the
/// disposition of SIGCHLD that outlives exec. Source: syscall(2), for the numbers' registers.
constexpr auto wait_for_ever = std::to_array<unsigned char>({
#if defined __x86_64__
    0xb8, 0x22, 0x00, 0x00, 0x00, // mov $34, %eax: pause
    0x0f, 0x05,                   // syscall
    0xeb, 0xf7,                   // jmp to the mov
#elif defined __aarch64__
    0x00, 0x00, 0x80, 0xd2, // mov x0, #0
    0x01, 0x00, 0x80, 0xd2, // mov x1, #0
    0x02, 0x00, 0x80, 0xd2, // mov x2, #0
    0x03, 0x00, 0x80, 0xd2, // mov x3, #0
    0x04, 0x00, 0x80, 0xd2, // mov x4, #0
    0x28, 0x09, 0x80, 0xd2, // mov x8, #73: ppoll
    0x01, 0x00, 0x00, 0xd4, // svc #0
    0xf9, 0xff, 0xff, 0x17, // b to the first mov
#endif
});
#if defined __x86_64__
constexpr Elf64_Half machine = EM_X86_64;
#else
constexpr Elf64_Half machine = EM_AARCH64;
#endif

/// An executable of one segment, as elf(5) has it. To execute our own would take milliseconds.
struct InitProgram {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    std::array<unsigned char, wait_for_ever.size()> code;
};

InitProgram init_program()
{
    constexpr Elf64_Addr address = 0x400000;
    InitProgram program{};
    auto& header = program.header;
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = machine;
    header.e_version = EV_CURRENT;
    header.e_entry = address + offsetof(InitProgram, code);
    header.e_phoff = offsetof(InitProgram, segment);
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof program.segment;
    header.e_phnum = 1;
    program.segment = {.p_type = PT_LOAD,
                       .p_flags = PF_R | PF_X,
                       .p_offset = 0,
                       .p_vaddr = address,
                       .p_paddr = address,
                       .p_filesz = sizeof program,
                       .p_memsz = sizeof program,
                       .p_align = 0x1000};
    program.code = wait_for_ever;
    return program;
}

UniqueFd init_file()
{
    UniqueFd file(::memfd_create("init", MFD_CLOEXEC));
    const auto bytes = std::bit_cast<std::array<char, sizeof(InitProgram)>>(init_program());
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != ssize_t{bytes.size()})
        throw_system_error(errno, "Cannot make a file in memory");
    // Read-only, for what is open for writing is not executed (ETXTBSY).
    UniqueFd read_only(
        ::open(("/proc/self/fd/" + std::to_string(file.get())).c_str(), O_RDONLY | O_CLOEXEC));
    if (!read_only)
        throw_system_error(errno, "Cannot open a file in memory");
    return read_only;
}

// --- the tree --------------------------------------------------------------------------------

/// What the helper mounts, prepared before it is forked.
struct TreePlan {
    std::string root;
    std::vector<std::pair<std::string, std::string>> mounts; ///< target below the root
    std::vector<std::pair<std::string, std::string>> devices;
    std::string user_map; ///< empty: root's rights do
    std::string group_map;
};

std::string below_root(const std::filesystem::path& target)
{
    return target.relative_path().string();
}

TreePlan tree_plan(const SandboxTree& tree)
{
    TreePlan plan;
    plan.root = tree.root.string();
    for (const auto& [source, target] : tree.mounts)
        plan.mounts.emplace_back(source.string(), below_root(target));
    // A new /proc may only be mounted where one is seen already.
    plan.mounts.emplace_back("/proc", "proc");
    for (const auto& device : tree.devices)
        plan.devices.emplace_back(device.string(), below_root(device));
    if (::geteuid() != 0) {
        plan.user_map = id_map(::geteuid(), ::geteuid());
        plan.group_map = id_map(::getegid(), ::getegid());
    }
    return plan;
}

bool protect(const char* path, std::uint64_t attributes, unsigned flags)
{
    mount_attr wanted{};
    wanted.attr_set = attributes;
    return ::syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &wanted, sizeof wanted) == 0;
}

/// Returns what failed, with errno; null: all is mounted.
const char* mount_tree(const TreePlan& plan)
{
    const bool is_root = plan.user_map.empty();
    if (::unshare(is_root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return is_root ? "making a mount namespace" : "making a user namespace";
    if (!is_root && !(write_to(AT_FDCWD, "/proc/self/setgroups", "deny") &&
                      write_to(AT_FDCWD, "/proc/self/uid_map", plan.user_map) &&
                      write_to(AT_FDCWD, "/proc/self/gid_map", plan.group_map)))
        return "mapping the user into a user namespace";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(plan.root.c_str(), plan.root.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::chdir(plan.root.c_str()) != 0)
        return "mounting in a mount namespace";
    for (const auto& [source, target] : plan.mounts)
        if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
            return source.c_str();
    if (!protect(".", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, AT_RECURSIVE))
        return "making mounts read-only (Linux 5.12)";
    for (const auto& [source, target] : plan.devices)
        if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            !protect(target.c_str(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0))
            return source.c_str();
    // The old tree lies over the new one for a moment: pivot_root(2), pivot_root(".", ".").
    if (::syscall(SYS_pivot_root, ".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0)
        return "changing the root of the file tree";
    return nullptr;
}

constexpr std::size_t longest_step = 512;

struct HelperReport {
    int error_number = 0;
    std::array<char, longest_step> step{};
};

UniqueFd namespace_of(pid_t process, const char* kind)
{
    const auto path = "/proc/" + std::to_string(process) + "/ns/" + kind;
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw_system_error(errno, "Cannot open " + path);
    return fd;
}

/// A process that has the namespaces until they are opened.
class Helper {
public:
    explicit Helper(const TreePlan& plan)
    {
        Pipe report = make_pipe();
        pid_ = ::fork();
        if (pid_ < 0)
            throw_system_error(errno, "Cannot start a process");
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            HelperReport result;
            if (const char* failed = mount_tree(plan)) {
                result.error_number = errno;
                std::strncpy(result.step.data(), failed, result.step.size() - 1);
            }
            if (::write(report.write.get(), &result, sizeof result) == sizeof result)
                ::pause();
            ::_exit(1);
        }
        report.write.reset();
        ssize_t got = 0;
        do
            got = ::read(report.read.get(), &result_, sizeof result_);
        while (got < 0 && errno == EINTR);
        if (got != sizeof result_)
            result_.error_number = EIO;
    }
    ~Helper()
    {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    pid_t pid() const noexcept { return pid_; }
    const HelperReport& result() const noexcept { return result_; }

private:
    pid_t pid_ = -1;
    HelperReport result_;
};

// --- one program -----------------------------------------------------------------------------

int become_init(void* given)
{
    auto& plan = *static_cast<ChildPlan*>(given);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGCHLD, &ignore, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent_is_gone(plan))
        ::_exit(127);
    ::syscall(SYS_close_range, 0u, ~0u, 1u << 2 /* CLOSE_RANGE_CLOEXEC */);
    char name[] = "init";
    std::array<char*, 2> argv{name, nullptr};
    char* none = nullptr;
    ::syscall(SYS_execveat, plan.sandbox->init, "", argv.data(), &none, AT_EMPTY_PATH);
    fail_in_child(plan, "starting the first process of a PID namespace");
}

/// From here on nothing can be mounted: the program's capabilities are those of a user namespace
/// of its own, and exec takes these away.
void give_up_rights(const ChildPlan& plan)
{
    const auto& sandbox = *plan.sandbox;
    if (sandbox.changes_user) {
        // The calls themselves: those of the C library change all threads of the process whose
        // memory this is. It also gets its attribute "dumpable" back: prctl(2).
        if (::syscall(SYS_setgroups, 0, nullptr) != 0 ||
            ::syscall(SYS_setresgid, sandbox.gid, sandbox.gid, sandbox.gid) != 0 ||
            ::syscall(SYS_setresuid, sandbox.uid, sandbox.uid, sandbox.uid) != 0)
            fail_in_child(plan, "becoming another user");
        ::prctl(PR_SET_DUMPABLE, 1);
    }
    if (sandbox.nests_users) {
        if (::unshare(CLONE_NEWUSER) != 0)
            fail_in_child(plan, "making a user namespace for a program");
        if (!write_to(sandbox.proc, "self/setgroups", "deny") ||
            !write_to(sandbox.proc, "self/uid_map", sandbox.user_map) ||
            !write_to(sandbox.proc, "self/gid_map", sandbox.group_map))
            fail_in_child(plan, "mapping the user into a user namespace");
    }
    // After the namespace was made: it would hold all programs together to this number otherwise.
    if (::setrlimit(RLIMIT_NPROC, &sandbox.processes) != 0)
        fail_in_child(plan, "limiting processes");
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int become_program(void* given)
{
    auto& plan = *static_cast<ChildPlan*>(given);
    if (::mount("proc", "/proc", "proc", proc_flags, nullptr) != 0)
        fail_in_child(plan, "mounting /proc");
    give_up_rights(plan);
    become_child(plan);
}

constexpr id_t first_stranger = 0x40000000; ///< above what systems give away: login.defs(5)
constexpr id_t strangers = 0x40000000;

/// Of users that nobody else is: where root runs programs, those of one are strangers to another.
id_t stranger()
{
    id_t number = 0;
    const auto bytes = random_bytes(sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return first_stranger + number % strangers;
}

/// The root of a user namespace, as containers have one, may only become whom it knows.
bool can_be_strangers()
{
    static const bool can = [] {
        std::ifstream map("/proc/self/uid_map");
        for (std::uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
            if (inside <= first_stranger && first_stranger + strangers <= inside + count)
                return true;
        return false;
    }();
    return can;
}

} // namespace

void start_in_sandbox(ChildPlan& plan)
{
    const auto& sandbox = *plan.sandbox;
    const int pipe = plan.report; // the program's is another number, in memory that it shares
    ::close(plan.report_read);
    if (sandbox.user_namespace >= 0 && ::setns(sandbox.user_namespace, CLONE_NEWUSER) != 0)
        fail_in_child(plan, "entering the user namespace");
    if (::setns(sandbox.mount_namespace, CLONE_NEWNS) != 0)
        fail_in_child(plan, "entering the mount namespace");
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC) != 0)
        fail_in_child(plan, "making namespaces for a program");
    for (const auto& [source, target] : sandbox.mounts)
        if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0)
            fail_in_child(plan, "mounting what a program uses");
    if (::mount("tmpfs", "/tmp", "tmpfs", tmp_flags, sandbox.tmp_options.c_str()) != 0)
        fail_in_child(plan, "mounting /tmp");
    // Our parent's children, not ours. The first becomes process 1 of the PID namespace.
    constexpr int flags = CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD;
    StartReport report;
    report.init = ::clone(become_init, sandbox.init_stack, flags, &plan);
    if (report.init < 0)
        fail_in_child(plan, "starting the first process of a PID namespace");
    report.program = ::clone(become_program, sandbox.program_stack, flags, &plan);
    if (report.program < 0) {
        report.error_number = errno;
        report.step = "starting a process in a PID namespace";
    }
    [[maybe_unused]] const auto ignored = ::write(pipe, &report, sizeof report);
    ::_exit(0);
}

Sandbox::Sandbox(const SandboxTree& tree, bool nests_users)
    : proc_(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)), init_(init_file()),
      nests_users_(nests_users)
{
    const auto plan = tree_plan(tree);
    const Helper helper(plan);
    if (const auto& result = helper.result(); result.error_number != 0)
        throw Error("this system does not allow it: " + std::string(result.step.data()) + ": " +
                    std::generic_category().message(result.error_number));
    if (!plan.user_map.empty())
        user_namespace_ = namespace_of(helper.pid(), "user");
    mount_namespace_ = namespace_of(helper.pid(), "mnt");
}

Sandbox::~Sandbox()
{
    reap(true);
}

void Sandbox::complete(SandboxPlan& plan) const
{
    plan.user_namespace = user_namespace_.get();
    plan.mount_namespace = mount_namespace_.get();
    plan.proc = proc_.get();
    plan.init = init_.get();
    plan.nests_users = nests_users_;
    plan.changes_user = ::geteuid() == 0 && (can_be_strangers() || !nests_users_);
    plan.uid = ::geteuid();
    plan.gid = ::getegid();
    if (plan.changes_user) {
        plan.uid = nests_users_ ? stranger() : user;
        plan.gid = nests_users_ ? plan.uid : group;
    }
    plan.user_map = id_map(user, plan.uid);
    plan.group_map = id_map(group, plan.gid);
}

void Sandbox::end(pid_t init) noexcept
{
    ::kill(init, SIGKILL);
    {
        const MutexLock lock(mutex_);
        ending_.push_back(init);
    }
    reap(false);
}

void Sandbox::reap(bool wait)
{
    const MutexLock lock(mutex_);
    std::erase_if(ending_, [wait](pid_t init) {
        for (;;) {
            const pid_t reaped = ::waitpid(init, nullptr, wait ? 0 : WNOHANG);
            if (reaped >= 0 || errno != EINTR)
                return reaped != 0;
        }
    });
}

} // namespace nimbus::process
