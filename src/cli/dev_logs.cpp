#include "cli/dev_logs.h"

#include "base/text.h"
#include "cli/answered_requests.h"
#include "cli/invocation_names.h"
#include "cli/log_text.h"
#include "deploy/kinds/function/output.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using deploy::function::FunctionOutput;

/// Between two reads, however much is written.
constexpr auto pause = 100ms;

/// What follows `label` in a REPORT line, to the next tab or line feed.
std::string value_behind(std::string_view text, std::string_view label)
{
    const auto at = text.find(label);
    if (at == std::string_view::npos)
        return {};
    const auto value = text.substr(at + label.size());
    return std::string(trim(value.substr(0, value.find_first_of("\t\n"))));
}

} // namespace

DevLogs::DevLogs(const std::filesystem::path& store, const std::filesystem::path& cloud_log)
    : cloud_log_(cloud_log, CloudLogReader::From::newest), began_(system_now())
{
    // SQLite writes to the log beside the file first (sqlite.org, "Write-Ahead Logging").
    watcher_.watch({store, store.string() + "-wal", cloud_log}, {});
}

void DevLogs::follow(const aws::Client& client, const deploy::Outputs& outputs)
{
    client_ = &client;
    names_ = invocation_names(outputs);
    auto functions = outputs.of<FunctionOutput>(deploy::function::kind_name);
    deployed_.clear();
    for (const auto& function : functions)
        deployed_[function.arn.substr(function.arn.rfind(':') + 1)] = function.name;
    if (reader_)
        reader_->follow(std::move(functions));
    else
        reader_.emplace(client, std::move(functions), began_);
}

void DevLogs::notice()
{
    is_noticed_ |= !watcher_.changes().empty();
}

std::optional<std::chrono::milliseconds> DevLogs::due() const
{
    if (!is_noticed_ || !reader_)
        return {};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_read_ - Clock::now());
    return std::max(left, 0ms);
}

std::vector<DevLogLine> DevLogs::read()
{
    is_noticed_ = false;
    next_read_ = Clock::now() + pause;
    std::vector<DevLogLine> lines;
    for (const auto& line : reader_->read()) {
        const std::string_view text = line.event.message;
        if (!text.starts_with("START RequestId: ") && !text.starts_with("END RequestId: "))
            lines.push_back(line_of(line));
    }
    add_statuses(lines);
    add_failures(lines);
    return lines;
}

/// A function's log does not have these either: it may not have run, or not know that its answer
/// is none.
void DevLogs::add_failures(std::vector<DevLogLine>& lines)
{
    for (const auto& line : cloud_log_.read()) {
        const auto field = [&](std::string_view name) {
            const auto found =
                std::ranges::find(line.fields, name, &std::pair<std::string, std::string>::first);
            return found == line.fields.end() ? std::string() : found->second;
        };
        const auto function = deployed_.find(field("function"));
        const auto status = field("status");
        if (line.level > LogLevel::warning || function == deployed_.end() || status.empty())
            continue;
        const auto name = names_.find(function->second);
        lines.push_back({.time = parse_iso8601(line.time).value_or(system_now()),
                         .function = function->second,
                         .message = readable((name == names_.end() ? "" : name->second + " ") +
                                             status + ": " + line.message + ": " + field("reason") +
                                             " (request id " + field("request_id") + ")")});
    }
}

/// A function's log does not have them.
void DevLogs::add_statuses(std::vector<DevLogLine>& lines) const
{
    const auto is_invocation = [](const DevLogLine& line) { return !line.invoked.empty(); };
    if (std::ranges::none_of(lines, is_invocation))
        return;
    const auto statuses = client_->call(GetRequests{});
    for (auto& line : lines)
        if (const auto found = statuses.find(line.request_id); found != statuses.end())
            line.status = found->second;
}

/// The line that Lambda ends an invocation with (Lambda Developer Guide, "Monitoring, debugging,
/// and troubleshooting": REPORT) in its parts.
DevLogLine DevLogs::line_of(const FunctionLogLine& line) const
{
    DevLogLine shown{.time = line.event.timestamp,
                     .function = line.function,
                     .message = readable(line.event.message)};
    if (!line.event.message.starts_with("REPORT RequestId: "))
        return shown;
    const auto name = names_.find(line.function);
    shown.invoked = name == names_.end() ? line.function : name->second;
    shown.request_id = value_behind(line.event.message, "REPORT RequestId: ");
    shown.milliseconds = value_behind(line.event.message, "\tDuration: ");
    if (shown.milliseconds.ends_with(" ms"))
        shown.milliseconds.resize(shown.milliseconds.size() - 3);
    return shown;
}

} // namespace nimbus::cli
