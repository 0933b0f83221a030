#pragma once

#include "process/sandbox.h"

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nimbus::local {

/// What functions see of this machine, as Lambda shows itself: the system's programs and libraries,
/// a few files of /etc, their code in /var/task, and a /tmp. No home, no socket, no other process.
///
///     /usr, /bin, /lib …     the system's
///     /etc                   its certificates; hosts, resolv.conf and the like; passwd of our own
///     /var/task              the function's code
///     /var/runtime           what Node runs beside it
///     /var/lang              Node, where it lies outside of what is shown
///     /tmp                   the instance's
///
/// On the loop's thread, but for the constructor.
class FunctionSandbox {
public:
    struct Options {
        std::filesystem::path directory; ///< for the file tree; emptied
        /// That of InstancePoolOptions, which must not be removed from now on.
        std::filesystem::path code_directory;
        std::filesystem::path certificate_authority; ///< the cloud's, as a file
    };

    static constexpr const char* code = "/var/task";
    static constexpr const char* runtimes = "/var/runtime";

    /// Throws Error with what this system does not allow. Best called before the process has
    /// threads.
    explicit FunctionSandbox(const Options& options);

    /// What functions find at /etc/hosts, at every moment: a file in `directory`.
    static std::filesystem::path hosts_file(const std::filesystem::path& directory);

    /// What differs from InstancePoolOptions::environment: paths.
    const std::map<std::string, std::string>& environment() const noexcept { return environment_; }
    /// Copies the system's files again that have changed, such as resolv.conf.
    void refresh();
    /// Where functions find `program`, which is a name on PATH. Throws Error when they do not.
    std::filesystem::path path_of(const std::string& program) const;
    /// For an instance that runs what is in `code_directory` as `code`.
    process::Sandboxed of(const std::string& code, bool with_runtimes,
                          std::uint64_t tmp_bytes) const;

    /// Is the number of processes limited for each function by itself?
    bool counts_each_function() const noexcept { return sandbox_->counts_each_program(); }

private:
    struct Copy {
        std::string name; ///< in /etc
        std::timespec modified{};
    };

    void show_directory(const std::filesystem::path& path);
    void show_node();
    void show_file(const std::filesystem::path& source, const std::filesystem::path& target);
    bool is_shown(const std::filesystem::path& path) const;
    void write(const std::string& name, const std::string& content) const;
    void make_sandbox();

    std::filesystem::path root_;
    process::SandboxTree tree_;
    std::vector<Copy> copies_;
    std::map<std::string, std::string> environment_;
    std::filesystem::path node_; ///< empty: there is none
    std::shared_ptr<process::Sandbox> sandbox_;
};

} // namespace nimbus::local
