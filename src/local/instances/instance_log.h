#pragma once

#include "base/time.h"
#include "local/lambda/log_sink.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local {

/// What Lambda reports of an invocation when it is over.
struct InvocationReport {
    double milliseconds = 0;
    std::optional<double> init_milliseconds; ///< of the instance's first invocation
    int memory_megabytes = 0;
    std::size_t used_bytes = 0;
    enum class Status { success, error, timeout };
    Status status = Status::success;
    std::string_view error_type; ///< of an error
};

/// One instance's log stream: cuts the process's output into lines, and sets Lambda's own lines
/// around what belongs to an invocation.
///
/// An instance that floods its log loses the lines beyond `max_lines` or `max_bytes` of a second,
/// and a line says how many: the process must never wait for the log, nor fill the disk.
class InstanceLog {
public:
    static constexpr std::size_t max_line = 256 * 1024 - 26; ///< CloudWatch's limit for an event
    static constexpr std::size_t max_lines = 10'000;
    static constexpr std::size_t max_bytes = 8 * 1024 * 1024;
    static constexpr std::size_t max_tail = 4096;

    InstanceLog(LogSink& sink, std::string group, std::string stream, Clock clock = system_now);

    /// Bytes that the process wrote.
    void output(std::string_view bytes);
    /// A line of the platform's own.
    void line(std::string text);

    /// Whether START, END and REPORT are written for an invocation that writes nothing itself.
    enum class Detail { complete, brief };

    /// Until `end`, lines belong to this invocation.
    void begin(std::string_view request_id, Detail detail);
    /// Returns the last `max_tail` bytes of what belongs to the invocation.
    std::string end(const InvocationReport& report);

    /// Writes the last line though it has no end.
    void flush();

    const std::string& stream() const noexcept { return stream_; }

    /// yyyy/mm/dd/[$LATEST]<digits>
    static std::string stream_name(SystemTime now, std::string_view digits);

private:
    void process_line(std::string_view text);
    void roll(std::int64_t second);
    void tell_omitted();
    void emit(std::string text);

    LogSink& sink_;
    std::string group_;
    std::string stream_;
    Clock clock_;
    std::int64_t now_ = 0; ///< milliseconds, of the bytes at hand
    std::string partial_;
    std::string tail_;
    std::string request_id_;
    std::string start_; ///< START, until it is written
    bool in_invocation_ = false;
    bool is_complete_ = false;
    std::int64_t second_ = 0;
    std::size_t lines_ = 0; ///< in that second
    std::size_t bytes_ = 0;
    std::size_t omitted_ = 0;
};

} // namespace nimbus::local
