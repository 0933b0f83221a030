#include "process/process_identity.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <cerrno>
#include <csignal>
#include <filesystem>

namespace nimbus::process {
namespace {

/// Of proc_pid_stat(5), counted from the state, which follows the name in parentheses.
constexpr std::size_t start_time_field = 19;

struct Stat {
    char state = 0;
    std::string start_time;
};

/// Empty when there is no such process, or it may not be looked at.
Stat read_stat(pid_t pid)
{
    try {
        const auto text = read_file_if_exists("/proc/" + std::to_string(pid) + "/stat");
        if (!text)
            return {};
        // The name may have blanks and parentheses itself.
        const auto name_end = text->rfind(") ");
        if (name_end == std::string::npos)
            return {};
        const auto fields = split(std::string_view(*text).substr(name_end + 2), ' ');
        if (fields.size() <= start_time_field || fields[0].empty())
            return {};
        return {.state = fields[0].front(), .start_time = std::string(fields[start_time_field])};
    } catch (const Error&) {
        return {}; // it ended while it was read
    }
}

std::string boot_id()
{
    return std::string(trim(read_file_if_exists("/proc/sys/kernel/random/boot_id").value_or("")));
}

std::string pid_namespace()
{
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

bool is_dead(char state)
{
    return state == 'Z' || state == 'X';
}

} // namespace

ProcessIdentity identity_of(pid_t pid)
{
    return {.boot_id = boot_id(),
            .pid_namespace = pid_namespace(),
            .pid = pid,
            .start_time = read_stat(pid).start_time};
}

bool has_ended(const ProcessIdentity& identity)
{
    const bool is_from_here = identity.pid > 0 && !identity.boot_id.empty() &&
                              !identity.pid_namespace.empty() && identity.boot_id == boot_id() &&
                              identity.pid_namespace == pid_namespace();
    if (!is_from_here)
        return false;
    if (::kill(identity.pid, 0) != 0 && errno == ESRCH)
        return true;
    const auto stat = read_stat(identity.pid);
    if (stat.start_time.empty() || identity.start_time.empty())
        return false;
    return stat.start_time != identity.start_time || is_dead(stat.state);
}

} // namespace nimbus::process
