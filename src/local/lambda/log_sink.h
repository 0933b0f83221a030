#pragma once

#include <cstdint>
#include <string>

namespace nimbus::local {

/// Where instances' output goes: CloudWatch Logs. Thread-safe; must not block for long.
class LogSink {
public:
    virtual ~LogSink() = default;
    /// `message` without its newline; `milliseconds` since the epoch.
    virtual void put(const std::string& log_group, const std::string& log_stream,
                     std::int64_t milliseconds, std::string message) = 0;
};

} // namespace nimbus::local
