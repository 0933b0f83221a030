#include "cli/cloud_log.h"
#include "cli/command.h"
#include "cli/local_process.h"
#include "local/home.h"

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
    LogFilter filter{.id = options.id};
    if (!options.level.empty())
        filter.level = need_log_level("--level", options.level);
    return filter;
}

int run(const Options& options, const Terminal&)
{
    const auto filter = filter_of(options);
    const auto home = local::Home::from_environment();
    CloudLogReader reader(home.log_file());
    auto lines = reader.read();
    if (lines.empty() && !options.follow)
        std::cerr << "The local cloud of " << home.root().string() << " has no log yet.\n";
    for (;; lines = reader.read()) {
        for (const auto& line : lines)
            if (filter.lets_pass(line))
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
