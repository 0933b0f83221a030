#include "cli/log_reader.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using deploy::function::FunctionOutput;

/// Events may be seen late: each read looks back this far and leaves out what was read already.
constexpr auto look_back = 10s;

} // namespace

std::vector<FunctionLogLine> LogReader::read()
{
    std::vector<FunctionLogLine> lines;
    for (const auto& function : functions_)
        read_function(function, lines);
    std::ranges::stable_sort(lines, {},
                             [](const FunctionLogLine& line) { return line.event.timestamp; });
    if (!lines.empty())
        go_on_after(lines.back().event.timestamp);
    return lines;
}

void LogReader::read_function(const FunctionOutput& function, std::vector<FunctionLogLine>& lines)
{
    aws::logs::FilterLogEvents request{.log_group_name = function.log_group};
    request.start_time = since_;
    const auto keep = [&](auto page) {
        for (auto& event : page.events)
            if (shown_.emplace(event.event_id, event.timestamp).second)
                lines.push_back({std::move(event), function.name});
    };
    try {
        client_.for_each_page(request, keep);
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found()) // no group: the function never ran, or is being replaced
            throw;
    }
}

/// What is older than the next read looks back need not be remembered.
void LogReader::go_on_after(SystemTime newest)
{
    since_ = std::max(since_.value_or(SystemTime::min()), newest - look_back);
    std::erase_if(shown_, [&](const auto& entry) { return entry.second < *since_; });
}

} // namespace nimbus::cli
