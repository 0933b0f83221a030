#pragma once

#include "base/time.h"

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The log's one format: a line is a row of key=value, separated by blanks.
///
///     time=2026-11-29T12:00:00.000Z level=warning component=gateway message="…" request_id=…
///
/// `time` (UTC), `level`, `component` and `message` come first and are always there. A value that
/// is more than printable ASCII without blanks, quotes and backslashes is written as a JSON string,
/// so that whatever is in it stays within its line and its quotes.
namespace nimbus {

/// From the gravest on; a log of one level has those before it, too.
enum class LogLevel {
    error,   ///< something is lost or broken that the local cloud cannot mend by itself
    warning, ///< a request failed, or something went wrong that was mended
    info,    ///< what a person who runs the cloud did or caused
    debug,   ///< each request
};

inline constexpr std::array<std::string_view, 4> log_level_names{"error", "warning", "info",
                                                                 "debug"};

std::string_view name_of(LogLevel level) noexcept;
std::optional<LogLevel> parse_log_level(std::string_view name) noexcept;

/// One key=value. Views: valid for the call that it is passed to.
class LogField {
public:
    LogField(std::string_view name, std::string_view value) : name_(name), value_(value) {}
    LogField(std::string_view name, const std::string& value)
        : name_(name), value_(std::string_view(value))
    {
    }
    LogField(std::string_view name, const char* value)
        : name_(name), value_(std::string_view(value))
    {
    }
    LogField(std::string_view name, std::integral auto value)
        : name_(name), value_(static_cast<std::int64_t>(value))
    {
    }

    /// " name=value"; nothing where the value is empty. Values that are longer than a line should
    /// be are cut.
    void append_to(std::string& out) const;

private:
    std::string_view name_; ///< lower case with underscores
    std::variant<std::string_view, std::int64_t> value_;
};

using LogFields = std::initializer_list<LogField>;

/// The line as it stands in the file, without its end. `context` are fields already written.
std::string format_log_line(SystemTime time, LogLevel level, std::string_view component,
                            std::string_view message, std::string_view context, LogFields fields);

/// A line that was read back.
struct LogLine {
    std::string time;
    LogLevel level = LogLevel::info;
    std::string component;
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields; ///< in their order
};

/// Nothing when the line is not of this format.
std::optional<LogLine> parse_log_line(std::string_view line);

} // namespace nimbus
