#include "local/instances/function_sandbox.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "process/child_process.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus::local {

namespace fs = std::filesystem;

namespace {

/// Programs and what they are linked with, in the places that distributions have for them.
constexpr std::array system_directories{"/usr",   "/bin",    "/sbin", "/lib", "/lib32",
                                        "/lib64", "/libx32", "/nix",  "/gnu"};
/// Public by nature: certificates, and which program has which name.
constexpr std::array settings_directories{"/etc/ssl", "/etc/pki", "/etc/ca-certificates",
                                          "/etc/crypto-policies", "/etc/alternatives"};
/// How many processors there are: get_nprocs(3).
constexpr const char* processors = "/sys/devices/system/cpu";
/// What the C library reads: names of hosts and services, and where libraries are.
constexpr std::array copied_files{"resolv.conf", "nsswitch.conf", "host.conf", "gai.conf",
                                  "ld.so.cache", "protocols",     "services",  "mime.types",
                                  "os-release",  "localtime"};
constexpr std::array devices{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
constexpr std::array<std::pair<const char*, const char*>, 4> links{
    {{"dev/fd", "/proc/self/fd"},
     {"dev/stdin", "/proc/self/fd/0"},
     {"dev/stdout", "/proc/self/fd/1"},
     {"dev/stderr", "/proc/self/fd/2"}}};
constexpr const char* authority = "/etc/nimbus/ca.pem";
constexpr const char* node_program = "/var/lang/bin/node";
constexpr const char* node_libraries = "/var/lang/lib";
constexpr const char* runtimes_name = "runtimes";

constexpr std::chrono::seconds patience(10);

bool is_executable_file(const fs::path& path)
{
    std::array<char, 4> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    return start == std::array{'\x7f', 'E', 'L', 'F'};
}

/// The executable that `node` comes to: version managers put something else on PATH.
fs::path find_node()
{
    const auto found = process::find_program("node");
    if (!found)
        return {};
    auto node = fs::canonical(*found);
    if (node.filename() == "node" && is_executable_file(node))
        return node;
    try {
        const auto output = process::run(
            {.arguments = {found->string(), "-p", "process.execPath"}, .new_session = true},
            Deadline::after(patience));
        return fs::canonical(std::string(trim(output.standard_output)));
    } catch (const std::exception&) {
        return {};
    }
}

} // namespace

FunctionSandbox::FunctionSandbox(const Options& options)
    : root_(options.directory), environment_{{"NIMBUS_HOSTS_FILE", "/etc/hosts"},
                                             {"PGSSLROOTCERT", authority},
                                             {"SSL_CERT_FILE", authority}}
{
    tree_.root = root_;
    fs::remove_all(root_);
    // Open to all, in a home that is not: where root runs the cloud, functions are other users.
    for (const char* name : {"", "dev", "etc", "etc/nimbus", "opt", "proc", "tmp", "var",
                             "var/lang", "var/lang/bin", "var/runtime", "var/task"})
        make_directories(root_ / name);
    for (const auto* directory : system_directories)
        show_directory(directory);
    for (const auto* directory : settings_directories)
        show_directory(directory);
    show_directory(processors);
    tree_.mounts.push_back({options.code_directory, code});
    for (const auto& [name, target] : links)
        fs::create_symlink(target, root_ / name);
    for (const auto* device : devices) {
        write(fs::path(device).relative_path(), "");
        tree_.devices.emplace_back(device);
    }
    write("etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\n"
                        "sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n");
    write("etc/group", "root:x:0:\nsbx_user1051:x:990:\n");
    write("etc/hosts", "127.0.0.1 localhost\n");
    fs::copy_file(options.certificate_authority, root_ / fs::path(authority).relative_path());
    for (const auto* name : copied_files)
        copies_.push_back({.name = name});
    refresh();
    show_node();
    make_sandbox();
}

fs::path FunctionSandbox::hosts_file(const fs::path& directory)
{
    return directory / "etc" / "hosts";
}

/// Root can do without user namespaces; what else does not work is found by starting something.
void FunctionSandbox::make_sandbox()
{
    const auto attempt = [this](bool nests_users) {
        sandbox_ = std::make_shared<process::Sandbox>(tree_, nests_users);
        auto sandboxed = of("", false, 4096);
        sandboxed.mounts.clear();
        process::run({.arguments = {path_of("true")},
                      .working_directory = "/",
                      .new_session = true,
                      .die_with_parent = true,
                      .sandbox = std::move(sandboxed)},
                     Deadline::after(patience));
    };
    try {
        attempt(true);
    } catch (const Error&) {
        if (::geteuid() != 0)
            throw;
        attempt(false);
    }
}

void FunctionSandbox::show_directory(const fs::path& path)
{
    std::error_code ignored;
    const auto place = root_ / path.relative_path();
    if (fs::is_symlink(path, ignored)) {
        fs::create_symlink(fs::read_symlink(path), place);
    } else if (fs::is_directory(path, ignored)) {
        make_directories(place);
        tree_.mounts.push_back({path, path});
    }
}

void FunctionSandbox::show_file(const fs::path& source, const fs::path& target)
{
    write(target.relative_path(), "");
    tree_.mounts.push_back({source, target});
}

bool FunctionSandbox::is_shown(const fs::path& path) const
{
    return std::ranges::any_of(tree_.mounts, [&](const process::Mount& mount) {
        const auto rest = path.lexically_relative(mount.source);
        return mount.source == mount.target && !rest.empty() && *rest.begin() != "..";
    });
}

/// The program and its libraries, and nothing else of what lies beside it: that may be somebody's
/// home. It finds them by its own place.
void FunctionSandbox::show_node()
{
    node_ = find_node();
    if (node_.empty() || is_shown(node_))
        return;
    show_file(node_, node_program);
    const auto libraries = node_.parent_path().parent_path() / "lib";
    std::error_code ignored;
    if (node_.parent_path().filename() == "bin" && fs::is_directory(libraries, ignored)) {
        make_directories(root_ / fs::path(node_libraries).relative_path());
        tree_.mounts.push_back({libraries, node_libraries});
    }
    node_ = node_program;
}

fs::path FunctionSandbox::path_of(const std::string& program) const
{
    if (program == "node" && !node_.empty())
        return node_;
    if (const auto found = process::find_program(program))
        if (const auto path = fs::canonical(*found); is_shown(path))
            return path;
    throw Error("'" + program + "' is not among the system's programs");
}

/// Without fsync: it is written anew at every start.
void FunctionSandbox::write(const std::string& name, const std::string& content) const
{
    const auto path = root_ / name;
    std::ofstream(path, std::ios::binary) << content;
    if (::chmod(path.c_str(), 0644) != 0)
        throw_system_error(errno, "Cannot write " + path.string());
}

void FunctionSandbox::refresh()
{
    for (auto& [name, modified] : copies_) {
        const auto source = fs::path("/etc") / name;
        struct stat status{};
        if (::stat(source.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        const auto& now = status.st_mtim;
        if (now.tv_sec == modified.tv_sec && now.tv_nsec == modified.tv_nsec)
            continue;
        const auto place = root_ / "etc" / name;
        auto fresh = place;
        fresh += ".new";
        fs::copy_file(source, fresh, fs::copy_options::overwrite_existing);
        ::chmod(fresh.c_str(), 0644);
        fs::rename(fresh, place);
        modified = now;
    }
}

process::Sandboxed FunctionSandbox::of(const std::string& code_name, bool with_runtimes,
                                       std::uint64_t tmp_bytes) const
{
    process::Sandboxed sandboxed{
        .sandbox = sandbox_, .mounts = {}, .tmp_bytes = tmp_bytes, .program_outside = {}};
    const fs::path all(code);
    if (with_runtimes)
        sandboxed.mounts.push_back({all / runtimes_name, runtimes});
    sandboxed.mounts.push_back({all / code_name, code}); // over all others' code
    return sandboxed;
}

} // namespace nimbus::local
