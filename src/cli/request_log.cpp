#include "cli/request_log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>

namespace nimbus::cli {
namespace {

using aws::logs::FilterLogEvents;
using aws::logs::LogEvent;

constexpr std::string_view start_of_any = "START RequestId: ";

/// "<word> RequestId: <id>" at the beginning of a line of Lambda's.
bool is_line_of(const LogEvent& event, std::string_view word, std::string_view id)
{
    std::string_view text = event.message;
    for (const auto part : {word, std::string_view(" RequestId: "), id}) {
        if (!text.starts_with(part))
            return false;
        text.remove_prefix(part.size());
    }
    return text.empty() || std::string_view(" \t\r\n").contains(text.front());
}

/// Nothing when there is no such group: the function never ran, or is being replaced.
std::vector<LogEvent> events_of(const aws::Client& client, const FilterLogEvents& request)
{
    std::vector<LogEvent> events;
    try {
        client.for_each_page(request, [&](FilterLogEvents::Response page) {
            std::ranges::move(page.events, std::back_inserter(events));
        });
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
    return events;
}

/// Where an invocation is in the log: a failed one that Lambda runs again has the same id.
struct Span {
    explicit Span(SystemTime start) : begin(start) {}

    SystemTime begin;
    std::optional<SystemTime> end; ///< absent while it runs
};

std::map<std::string, Span> spans_of(const std::vector<LogEvent>& matches, std::string_view id)
{
    std::map<std::string, Span> spans; // by stream
    for (const auto& event : matches) {
        if (is_line_of(event, "START", id)) {
            auto& span = spans.try_emplace(event.log_stream_name, event.timestamp).first->second;
            span.end.reset();
        } else if (is_line_of(event, "END", id) || is_line_of(event, "REPORT", id)) {
            if (const auto found = spans.find(event.log_stream_name); found != spans.end())
                found->second.end = event.timestamp;
        }
    }
    return spans;
}

} // namespace

bool is_request_id(std::string_view id)
{
    return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-_=+/:.").contains(c);
    });
}

std::vector<LogEvent> events_of_invocation(std::vector<LogEvent> stream, std::string_view id)
{
    std::vector<LogEvent> events;
    bool is_inside = false;
    for (auto& event : stream) {
        if (event.message.starts_with(start_of_any))
            is_inside = is_line_of(event, "START", id);
        if (is_inside)
            events.push_back(std::move(event));
    }
    return events;
}

std::vector<LogEvent> find_request(const aws::Client& client, const std::string& log_group,
                                   const std::string& id, std::optional<SystemTime> since)
{
    FilterLogEvents naming{.log_group_name = log_group};
    naming.start_time = since;
    naming.filter_pattern = '"' + id + '"';
    auto matches = events_of(client, naming);
    const auto spans = spans_of(matches, id);
    if (spans.empty())
        return matches;
    std::vector<LogEvent> events;
    for (const auto& [stream, span] : spans) {
        FilterLogEvents whole{.log_group_name = log_group};
        whole.log_stream_names = {stream};
        whole.start_time = span.begin;
        if (span.end)
            whole.end_time = *span.end + std::chrono::milliseconds(1);
        std::ranges::move(events_of_invocation(events_of(client, whole), id),
                          std::back_inserter(events));
    }
    return events;
}

} // namespace nimbus::cli
