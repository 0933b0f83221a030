#include "aws/ops/logs/log_events.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/outputs.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <set>
#include <thread>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_pause = 300ms;
/// Events may be seen late: each poll looks back this far and leaves out what was shown already.
constexpr auto look_back = 10s;

struct Options {
    DeploymentOptions deployment;
    std::string function;
    bool follow = false, json = false;
};

struct Line {
    aws::logs::LogEvent event;
    std::string function;
};

class LogReader {
public:
    LogReader(const aws::Client& client, std::vector<deploy::Outputs::Function> functions)
        : client_(client), functions_(std::move(functions))
    {
    }

    /// What came since the last call, oldest first.
    std::vector<Line> read()
    {
        std::vector<Line> lines;
        for (const auto& function : functions_)
            read_function(function, lines);
        std::ranges::stable_sort(lines, {}, [](const Line& line) { return line.event.timestamp; });
        if (!lines.empty())
            newest_ = std::max(newest_.value_or(SystemTime::min()), lines.back().event.timestamp);
        return lines;
    }

private:
    void read_function(const deploy::Outputs::Function& function, std::vector<Line>& lines)
    {
        aws::logs::FilterLogEvents request{.log_group_name = function.log_group};
        if (newest_)
            request.start_time = *newest_ - look_back;
        const auto keep = [&](auto page) {
            for (auto& event : page.events)
                if (shown_.insert(event.event_id).second)
                    lines.push_back({std::move(event), function.name});
        };
        try {
            client_.for_each_page(request, keep);
        } catch (const aws::ApiError& error) {
            if (!error.is_not_found()) // no group: the function never ran, or is being replaced
                throw;
        }
    }

    const aws::Client& client_;
    std::vector<deploy::Outputs::Function> functions_;
    std::set<std::string> shown_;
    std::optional<SystemTime> newest_;
};

std::vector<deploy::Outputs::Function> chosen(const deploy::Outputs& outputs,
                                              const std::string& name)
{
    if (name.empty())
        return outputs.functions;
    std::string names;
    for (const auto& function : outputs.functions) {
        if (function.name == name || function.arn.ends_with(":" + name))
            return {function};
        names += (names.empty() ? "" : ", ") + function.name;
    }
    throw UsageError("There is no function '" + name + "' in " + outputs.deployment.project,
                     "Its functions are: " + names + ".");
}

/// Node's runtime keeps the lines of a message together by carriage returns.
std::string readable(std::string_view message)
{
    std::string text(trim(message));
    std::ranges::replace(text, '\r', '\n');
    return text;
}

void print(const Line& line, const Options& options, bool with_name)
{
    const auto time = format_iso8601_milliseconds(line.event.timestamp);
    const auto message = readable(line.event.message);
    if (options.json)
        std::cout << json::serialize(json::object{{"time", time},
                                                  {"function", line.function},
                                                  {"stream", line.event.log_stream_name},
                                                  {"message", message}})
                  << "\n";
    else if (with_name)
        std::cout << fmt::format("{}  {}  {}\n", time, line.function, message);
    else
        std::cout << fmt::format("{}  {}\n", time, message);
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto functions = chosen(need_outputs(deployment), options.function);
    progress.pause();
    LogReader reader(deployment.connection.target().client, functions);
    for (;;) {
        for (const auto& line : reader.read())
            print(line, options, functions.size() > 1);
        std::cout.flush();
        if (!options.follow || !std::cout)
            return done;
        std::this_thread::sleep_for(poll_pause);
    }
}

} // namespace

void add_logs(const Command& root)
{
    add_command<Options>(
        root, "logs", "Show what functions wrote to their logs",
        [](const Command& command, Options& options) {
            command.positional("FUNCTION", options.function, "Only this function's");
            declare_deployment(command, options.deployment);
            command.flag("-f,--follow", options.follow, "Go on with lines as they come");
            command.flag("--json", options.json, "Print one JSON object a line");
        },
        run);
}

} // namespace nimbus::cli
