#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nimbus::local {

/// A log group among those of all Regions: "<Region>:<name>". Names of groups have no colon.
inline std::string log_group_key(std::string_view region, std::string_view name)
{
    return std::string(region) + ":" + std::string(name);
}

/// Where instances' output goes: CloudWatch Logs. Thread-safe; must not block for long.
class LogSink {
public:
    virtual ~LogSink() = default;
    /// `log_group`: its key. `message` without its newline; `milliseconds` since the epoch.
    virtual void put(const std::string& log_group, const std::string& log_stream,
                     std::int64_t milliseconds, std::string message) = 0;
};

} // namespace nimbus::local
