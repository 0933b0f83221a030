#include "local/instances/instance_log.h"

#include "base/assert.h"
#include "base/encoding.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace nimbus::local {
namespace {

/// Rounded up: an instance that uses anything uses a megabyte.
std::size_t megabytes(std::size_t bytes)
{
    return (bytes + 1024 * 1024 - 1) / (1024 * 1024);
}

std::string report_line(std::string_view request_id, const InvocationReport& report)
{
    const auto init = report.init_milliseconds.value_or(0);
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
        "Max Memory Used: {} MB\t",
        request_id, report.milliseconds,
        static_cast<std::int64_t>(std::ceil(report.milliseconds + init)), report.memory_megabytes,
        megabytes(report.used_bytes));
    if (report.init_milliseconds)
        line += fmt::format("Init Duration: {:.2f} ms\t", init);
    if (report.status != InvocationReport::Status::success)
        line +=
            fmt::format("Status: {}\t",
                        report.status == InvocationReport::Status::timeout ? "timeout" : "error");
    if (!report.error_type.empty())
        line += fmt::format("Error Type: {}\t", report.error_type);
    return line;
}

} // namespace

std::string InstanceLog::stream_name(SystemTime now, std::string_view digits)
{
    auto day = format_iso8601_seconds(now).substr(0, 10);
    std::ranges::replace(day, '-', '/');
    return day + "/[$LATEST]" + std::string(digits);
}

InstanceLog::InstanceLog(LogSink& sink, std::string group, std::string stream, Clock clock)
    : sink_(sink), group_(std::move(group)), stream_(std::move(stream)), clock_(std::move(clock))
{
}

void InstanceLog::output(std::string_view bytes)
{
    now_ = to_unix_milliseconds(clock_());
    roll(now_ / 1000);
    while (!bytes.empty()) {
        const auto line_end = bytes.find('\n');
        const auto piece =
            bytes.substr(0, std::min(line_end, max_line - std::min(max_line, partial_.size())));
        const bool is_over = piece.size() == line_end || partial_.size() + piece.size() >= max_line;
        if (!is_over) {
            partial_ += piece;
            return;
        }
        if (partial_.empty()) {
            process_line(piece);
        } else {
            partial_ += piece;
            process_line(std::exchange(partial_, {}));
        }
        bytes.remove_prefix(piece.size() + (piece.size() == line_end ? 1 : 0));
    }
}

void InstanceLog::process_line(std::string_view text)
{
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (lines_ >= max_lines || bytes_ + text.size() > max_bytes) {
        ++omitted_;
        return;
    }
    ++lines_;
    bytes_ += text.size();
    emit(to_utf8(text));
}

void InstanceLog::roll(std::int64_t second)
{
    if (second == second_)
        return;
    second_ = second;
    lines_ = bytes_ = 0;
    tell_omitted();
}

void InstanceLog::tell_omitted()
{
    if (const auto omitted = std::exchange(omitted_, 0); omitted > 0)
        emit(fmt::format(
            "[nimbus] {} left out: more came within a second than the local cloud keeps",
            omitted == 1 ? "1 line was" : fmt::format("{} lines were", omitted)));
}

void InstanceLog::line(std::string text)
{
    flush();
    emit(std::move(text));
}

void InstanceLog::emit(std::string text)
{
    if (in_invocation_) {
        if (!start_.empty())
            sink_.put(group_, stream_, now_, std::exchange(start_, {}));
        is_complete_ = true;
        tail_ += text;
        tail_ += '\n';
        if (tail_.size() > 4 * max_tail)
            tail_.erase(0, tail_.size() - max_tail);
    }
    sink_.put(group_, stream_, now_, std::move(text));
}

void InstanceLog::begin(std::string_view request_id, Detail detail)
{
    NIMBUS_ASSERT(!in_invocation_, "an instance has one invocation at a time");
    flush();
    now_ = to_unix_milliseconds(clock_());
    request_id_ = request_id;
    in_invocation_ = true;
    is_complete_ = detail == Detail::complete;
    start_ = "START RequestId: ";
    start_ += request_id;
    start_ += " Version: $LATEST";
    tail_ = start_;
    tail_ += '\n';
    if (is_complete_)
        sink_.put(group_, stream_, now_, std::exchange(start_, {}));
}

std::string InstanceLog::end(const InvocationReport& report)
{
    NIMBUS_ASSERT(in_invocation_, "what ends was begun");
    now_ = to_unix_milliseconds(clock_());
    flush();
    auto end_line = "END RequestId: " + request_id_;
    auto last_line = report_line(request_id_, report);
    tail_ += end_line;
    tail_ += '\n';
    tail_ += last_line;
    tail_ += '\n';
    if (is_complete_) {
        sink_.put(group_, stream_, now_, std::move(end_line));
        sink_.put(group_, stream_, now_, std::move(last_line));
    }
    in_invocation_ = false;
    start_.clear();
    if (tail_.size() > max_tail)
        tail_.erase(0, tail_.size() - max_tail);
    return std::exchange(tail_, {});
}

void InstanceLog::flush()
{
    now_ = to_unix_milliseconds(clock_());
    if (!partial_.empty())
        process_line(std::exchange(partial_, {}));
    tell_omitted();
}

} // namespace nimbus::local
