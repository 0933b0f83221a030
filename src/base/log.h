#pragma once

#include "base/log_line.h"
#include "base/time.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nimbus {

/// Where a component tells what happens, for the person who asks later. A value, made once for a
/// process, handed down, and narrowed on the way: by the component, by what all lines of a session
/// or a request have in common. Thread-safe.
///
/// Every line that belongs to a request has the id that its caller was given: `request_id`, in DSQL
/// `connection_id`. Never in a line: headers, tokens, passwords, values of environment variables,
/// bodies, SQL and its parameters, what functions say. Messages are sentences without a full stop,
/// always the same for the same event; what differs is in the fields.
class Log {
public:
    /// Gets finished lines without their end, from any thread.
    using Write = std::function<void(LogLevel, const std::string& line)>;

    /// Says nothing.
    Log() = default;
    /// Writes lines of `level` and graver ones.
    Log(LogLevel level, Write write, Clock clock = system_now);

    bool has(LogLevel level) const noexcept { return output_ && level <= output_->level; }

    void error(std::string_view message, LogFields fields = {}) const
    {
        write(LogLevel::error, message, fields);
    }
    void warning(std::string_view message, LogFields fields = {}) const
    {
        write(LogLevel::warning, message, fields);
    }
    void info(std::string_view message, LogFields fields = {}) const
    {
        write(LogLevel::info, message, fields);
    }
    void debug(std::string_view message, LogFields fields = {}) const
    {
        write(LogLevel::debug, message, fields);
    }
    void write(LogLevel level, std::string_view message, LogFields fields = {}) const
    {
        if (has(level))
            write_line(level, message, fields);
    }

    /// The same log, as another component speaks in it.
    Log of(std::string_view component) const;
    /// The same log with these fields in each line.
    Log with(LogFields fields) const;

private:
    struct Output {
        LogLevel level;
        Write write;
        Clock clock;
    };

    void write_line(LogLevel level, std::string_view message, LogFields fields) const;

    std::shared_ptr<const Output> output_;
    std::string component_ = "cloud";
    std::string context_; ///< fields of all lines, already written
};

} // namespace nimbus
