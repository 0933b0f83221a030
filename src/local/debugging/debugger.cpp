#include "local/debugging/debugger.h"

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace nimbus::local {
namespace {

/// Of /proc; empty where the process has gone.
std::string text_of(const std::string& file)
{
    try {
        return read_file(file);
    } catch (const Error&) {
        return {};
    }
}

bool is_traced(pid_t process)
{
    constexpr std::string_view label = "TracerPid:";
    const auto status = text_of("/proc/" + std::to_string(process) + "/status");
    for (const auto line : split(status, '\n'))
        if (line.starts_with(label))
            return trim(line.substr(label.size())) != "0";
    return false;
}

/// A line such as "0: 0100007F:240D 0100007F:C2F4 01 …": number, local and remote address, state.
bool is_connected(std::uint16_t port)
{
    const auto wanted = fmt::format(" 0100007F:{:04X} ", port);
    constexpr std::string_view established = " 01 ";
    const auto table = text_of("/proc/net/tcp");
    return std::ranges::any_of(split(table, '\n'), [&](std::string_view line) {
        const auto local = line.find(wanted);
        if (local == std::string_view::npos || line.find(':') != local - 1)
            return false;
        const auto state = line.find(' ', local + wanted.size());
        return state != std::string_view::npos && line.substr(state).starts_with(established);
    });
}

} // namespace

bool is_debugger_attached(const DebugMode& mode, pid_t process)
{
    return mode.is_native() ? is_traced(process) : is_connected(mode.inspector_port);
}

} // namespace nimbus::local
