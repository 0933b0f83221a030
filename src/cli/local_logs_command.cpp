#include "cli/cloud_log.h"
#include "cli/command.h"
#include "local/home.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

/// nimbus local logs: the cloud's own log, where the reasons of its answers are.
namespace nimbus::cli {
namespace {

constexpr std::chrono::milliseconds poll_pause{200};

struct Options {
    std::string id;
    std::string level;
    bool follow = false, json = false;
};

LogFilter filter_of(const Options& options)
{
    return {.level = parse_log_level(options.level).value_or(LogLevel::debug), .id = options.id};
}

/// What to do when no line of a log that has some is shown.
std::string nothing_found(const Options& options)
{
    if (options.id.empty())
        return "The log has no line of level " + options.level +
               " or a more serious one. Without --level, 'nimbus local logs' shows all lines.";
    const auto level =
        options.level.empty() ? "" : ", of level " + options.level + " or more serious,";
    return "No line of the log" + level + " has the id '" + options.id +
           "'. It is the apigw-requestid or x-amzn-RequestId of an answer, or the RequestId in a "
           "function's log. A cloud that was started with --log-level debug logs each request; "
           "others log failures alone.";
}

int run(const Options& options, const Terminal&)
{
    const auto lets_pass = [filter = filter_of(options)](const LogLine& line) {
        return filter.lets_pass(line);
    };
    const auto home = local::Home::from_environment();
    CloudLogReader reader(home.log_file());
    auto lines = reader.read();
    if (lines.empty() && !options.follow)
        std::cerr << "The local cloud of " << home.root().string() << " has no log yet.\n";
    else if (!options.follow && std::ranges::none_of(lines, lets_pass))
        std::cerr << nothing_found(options) << "\n";
    for (;; lines = reader.read()) {
        for (const auto& line : lines)
            if (lets_pass(line))
                std::cout << (options.json ? to_json_text(line) : to_text(line)) << "\n";
        std::cout.flush();
        if (!options.follow || !std::cout)
            return done;
        std::this_thread::sleep_for(poll_pause);
    }
}

} // namespace

void add_local_logs(const Command& local)
{
    add_command<Options>(
        local, "logs", "Show its own log, whether it is running or not",
        [](const Command& command, Options& options) {
            command.positional(
                "ID", options.id,
                "Only lines with this id (of a request, an invocation or a connection)");
            command.option(
                "--level", options.level, "LEVEL",
                "Only lines of this level and more serious ones: error, warning, info, debug "
                "(default: all)");
            command.choices("--level", {log_level_names.begin(), log_level_names.end()});
            command.flag("-f,--follow", options.follow, "Continue with new lines, until Ctrl-C");
            command.flag("--json", options.json, "Print one JSON object per line");
            command.examples({{"nimbus local logs --level warning", "what went wrong"},
                              {"nimbus local logs b1eTFgYfIAMEcKg=",
                               "one request, by the apigw-requestid of its answer"},
                              {"nimbus local logs -f", "as it happens"}});
        },
        run);
}

} // namespace nimbus::cli
