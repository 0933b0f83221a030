#include "process/process_state.h"

#include "base/error.h"
#include "base/file.h"

#include <string>

namespace nimbus::process {

bool is_stopped(pid_t pid)
{
    try {
        const auto text = read_file_if_exists("/proc/" + std::to_string(pid) + "/stat");
        // The state follows the name, which may have blanks and parentheses itself
        // (proc_pid_stat(5)).
        const auto name_end = text ? text->rfind(") ") : std::string::npos;
        if (name_end == std::string::npos || name_end + 2 >= text->size())
            return false;
        const char state = (*text)[name_end + 2];
        return state == 'T' || state == 't';
    } catch (const Error&) {
        return false; // it ended while it was read
    }
}

} // namespace nimbus::process
