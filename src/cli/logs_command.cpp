#include "aws/ops/logs/log_events.h"
#include "base/error.h"
#include "cli/cloud_log.h"
#include "cli/command.h"
#include "cli/deployed_function.h"
#include "cli/deployment.h"
#include "cli/duration.h"
#include "cli/log_reader.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "cli/request_log.h"
#include "deploy/kinds/function/output.h"
#include "local/home.h"

#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using deploy::function::FunctionOutput;

constexpr auto poll_pause = 300ms;

constexpr const char* where_ids_are = "A request id is the RequestId of the log's START lines, "
                                      "requestId in lines of the libraries, or "
                                      "context.awsRequestId in a handler.";

struct Options {
    DeploymentOptions deployment;
    std::string function;
    std::string since;
    std::string request;
    bool follow = false, json = false;
};

using Line = FunctionLogLine;

std::vector<FunctionOutput> chosen(const deploy::Outputs& outputs, const std::string& name)
{
    auto functions = outputs.of<FunctionOutput>(deploy::function::kind_name);
    if (name.empty())
        return functions;
    return {deployed_function(outputs, name)};
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

std::optional<SystemTime> start_of(const Options& options)
{
    if (options.since.empty())
        return {};
    const auto duration = parse_duration(options.since);
    if (!duration)
        throw UsageError("--since must be a duration, not '" + options.since + "'",
                         "Write it as 90s, 10m, 2h or 1d.");
    return system_now() - *duration;
}

std::vector<Line> lines_of_request(const aws::Client& client,
                                   const std::vector<FunctionOutput>& functions,
                                   const std::string& id, std::optional<SystemTime> since)
{
    std::vector<Line> lines;
    for (const auto& function : functions)
        for (auto& event : find_request(client, function.log_group, id, since))
            lines.push_back({std::move(event), function.name});
    std::ranges::stable_sort(lines, {}, [](const Line& line) { return line.event.timestamp; });
    return lines;
}

/// The invocation that answered a request of an API, as far as the local cloud's log tells.
std::optional<std::string> local_invocation_of(const std::string& request_id)
{
    const LogFilter filter{.id = request_id};
    for (const auto& line : CloudLogReader(local::Home::from_environment().log_file()).read()) {
        if (!filter.lets_pass(line))
            continue;
        for (const auto& [name, value] : line.fields)
            if (name == "invocation_id" && value != request_id)
                return value;
    }
    return {};
}

/// What went wrong with a request, as the local cloud's log has it: a function may not have run.
std::vector<std::string> local_reasons_of(const std::string& id)
{
    std::vector<std::string> reasons;
    const LogFilter filter{.level = LogLevel::warning, .id = id};
    for (const auto& line : CloudLogReader(local::Home::from_environment().log_file()).read())
        if (filter.lets_pass(line))
            reasons.push_back(to_text(line));
    return reasons;
}

int show_request(const Options& options, const deploy::Target& target,
                 const std::vector<FunctionOutput>& functions, std::optional<SystemTime> since)
{
    auto lines = lines_of_request(target.client, functions, options.request, since);
    if (lines.empty() && target.name == "local")
        if (const auto invocation = local_invocation_of(options.request))
            lines = lines_of_request(target.client, functions, *invocation, since);
    for (const auto& line : lines)
        print(line, options, functions.size() > 1);
    const auto reasons =
        target.name == "local" ? local_reasons_of(options.request) : std::vector<std::string>();
    for (const auto& reason : reasons)
        std::cerr << "The local cloud: " << reason << "\n";
    if (lines.empty() && reasons.empty())
        std::cerr << "No line of the logs has the request id '" << options.request << "'. "
                  << where_ids_are << "\n";
    return done;
}

/// For people, on standard error: an empty log is no mistake.
void tell_that_there_is_nothing(const Options& options)
{
    std::cerr << (options.function.empty() ? "The functions have" : options.function + " has")
              << " written nothing"
              << (options.since.empty() ? " yet" : " in the last " + options.since) << ".\n";
}

void check_request_id(const std::string& id)
{
    if (!id.empty() && !is_request_id(id))
        throw UsageError("'" + id + "' is not the id of a request", where_ids_are);
}

int run(const Options& options, const Terminal& terminal)
{
    const auto since = start_of(options);
    check_request_id(options.request);
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto functions = chosen(need_outputs(deployment), options.function);
    progress.pause();
    if (!options.request.empty())
        return show_request(options, *deployment.target, functions, since);
    LogReader reader(deployment.target->client, functions, since);
    for (;;) {
        const auto lines = reader.read();
        for (const auto& line : lines)
            print(line, options, functions.size() > 1);
        std::cout.flush();
        if (!options.follow && lines.empty())
            tell_that_there_is_nothing(options);
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
            command.positional("FUNCTION", options.function, "Only the log of this function");
            declare_deployment(command, options.deployment);
            command.flag("-f,--follow", options.follow, "Continue with new lines, until Ctrl-C");
            command.option("--since", options.since, "AGE",
                           "Only entries newer than AGE (90s, 10m, 2h, 1d); default: all");
            command.option("--request", options.request, "ID",
                           "Only what was written during one invocation: the RequestId in the log, "
                           "context.awsRequestId, or what an SDK prints with an error");
            command.excludes("--request", "--follow");
            command.flag("--json", options.json, "Print one JSON object per line");
            command.examples(
                {{"nimbus logs", "of all functions"},
                 {"nimbus logs get-users --since 10m", "the last ten minutes of one function"},
                 {"nimbus logs --request 8c7a6e02-…", "all that one invocation wrote"},
                 {"nimbus logs -f", "as it happens"}});
        },
        run);
}

} // namespace nimbus::cli
