#include "base/error.h"
#include "cli/cloud_answers.h"
#include "cli/command.h"
#include "cli/fault_options.h"
#include "cli/fault_report.h"
#include "cli/outputs.h"
#include "cli/target.h"

#include <iostream>

/// nimbus local faults
namespace nimbus::cli {
namespace {

struct Options {
    FaultOptions faults;
    bool off = false, json = false;
};

/// Nothing when nothing is to be changed.
std::optional<local::FaultSettings> wanted(const Options& options)
{
    auto faults = options.faults;
    std::erase_if(faults.rates, [](const auto& rate) { return rate.second.empty(); });
    if (options.off)
        return local::FaultSettings{};
    if (faults.rates.empty() && faults.delay.empty() && faults.seed.empty())
        return std::nullopt;
    return fault_settings_of(faults);
}

json::object ask_or_change(const std::optional<local::FaultSettings>& settings)
{
    const auto running = find_answering(local::Home::from_environment());
    if (!running) {
        if (settings && !settings->is_off())
            throw Error("The local cloud is not running", "'nimbus local start' starts it.");
        return no_faults();
    }
    const auto client = make_local_client(running->settings, running->settings.region);
    return settings ? client->call(PutFaults{*settings}) : client->call(GetFaults{});
}

int faults(const Options& options, const Terminal&)
{
    const auto document = ask_or_change(wanted(options));
    if (options.json)
        print_json(document);
    else
        std::cout << describe_faults(document);
    return done;
}

/// `implied` is what the option means without a value.
void declare_rate(const Command& command, Options& options, local::Fault fault,
                  const std::string& help, const std::string& implied = {})
{
    const std::string name(local::name_of(fault));
    auto& value = options.faults.rates[name];
    if (implied.empty())
        command.option("--" + name, value, "RATE", help);
    else
        command.option("--" + name, value, implied, "[RATE]", help);
}

void declare(const Command& command, Options& options)
{
    using local::Fault;
    declare_rate(command, options, Fault::conflict,
                 "Of transactions that changed rows, how many fail with 40001 (OC000)");
    declare_rate(command, options, Fault::disconnect,
                 "Of statements, how many end their connection instead");
    declare_rate(command, options, Fault::expired_token,
                 "Of logins, how many are refused as with an expired token (default: all)",
                 std::string(every_time));
    declare_rate(command, options, Fault::throttle, "Of invocations, how many are throttled");
    declare_rate(command, options, Fault::slow_statement,
                 "Of statements, how many wait before they are executed");
    command.option("--delay", options.faults.delay, "TIME",
                   "How long slow statements wait (default: 500ms)");
    declare_rate(command, options, Fault::cold_start,
                 "Of invocations, how many get a new instance");
    command.option("--seed", options.faults.seed, "N",
                   "The same seed gives the same faults in the same order (default: any)");
    command.flag("--off", options.off, "End all faults");
    command.flag("--json", options.json, "Print one JSON object");
    for (const auto fault : local::all_faults)
        command.excludes("--off", "--" + std::string(local::name_of(fault)));
    command.excludes("--off", "--delay");
    command.excludes("--off", "--seed");
    command.examples({{"nimbus local faults", "what is on, and what has been injected"},
                      {"nimbus local faults --conflicts 5%", "does the program retry?"},
                      {"nimbus local faults --off", "all goes well again"}});
}

} // namespace

void add_local_faults(const Command& local)
{
    add_command<Options>(local, "faults", "Let it fail now and then, to see retries work", declare,
                         faults);
}

} // namespace nimbus::cli
