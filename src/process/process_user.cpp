#include "process/process_user.h"

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

#include <string>

namespace nimbus::process {

std::optional<uid_t> user_of(pid_t process)
{
    // "Uid:" with four of them, separated by tabs: real, effective, saved, of the file system.
    constexpr std::string_view label = "Uid:\t";
    constexpr std::size_t effective = 1;
    try {
        const auto status = read_file_if_exists("/proc/" + std::to_string(process) + "/status");
        for (const auto line : split(status.value_or(""), '\n')) {
            if (!line.starts_with(label))
                continue;
            const auto users = split(line.substr(label.size()), '\t');
            return users.size() > effective ? parse_number<uid_t>(users[effective]) : std::nullopt;
        }
    } catch (const Error&) {
        // It ended while it was read.
    }
    return {};
}

} // namespace nimbus::process
