#include "base/error.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "local/home_reading.h"

#include <filesystem>
#include <iostream>

/// nimbus local check: reads all that a local cloud keeps, and mends what can be mended.
namespace nimbus::cli {
namespace {

struct Options {
    bool repair = false, json = false;
};

/// Of one damage.
struct Report {
    local::Damage damage;
    std::string repaired; ///< what was done; empty: it is as it was
};

void repair(const local::Home& home, std::vector<Report>& reports)
{
    const auto lock = home.try_lock();
    if (!lock)
        throw Error("The local cloud is running, so nothing is repaired",
                    "Run 'nimbus local stop' first.");
    for (auto& report : reports)
        if (report.damage.repair)
            report.repaired = report.damage.repair();
}

void print(const local::Home& home, const std::vector<Report>& reports)
{
    if (reports.empty()) {
        std::cout << "The home " << home.root().string() << " is sound.\n";
        return;
    }
    for (const auto& [damage, repaired] : reports)
        std::cout << damage.what << ".\n  " << (repaired.empty() ? damage.way_out : repaired + ".")
                  << '\n';
}

json::object to_json(const local::Home& home, const std::vector<Report>& reports)
{
    json::array list;
    for (const auto& [damage, repaired] : reports)
        list.push_back(
            {{"what", damage.what},
             {"wayOut", damage.way_out},
             {"repairable", damage.repair != nullptr},
             {"repaired", repaired.empty() ? json::value(nullptr) : json::value(repaired)}});
    return {{"home", home.root().string()}, {"damage", std::move(list)}};
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto home = local::Home::from_environment();
    if (!std::filesystem::exists(home.root()))
        throw Error("There is no local cloud in " + home.root().string(),
                    "'nimbus local start' makes one; or set NIMBUS_HOME.");
    std::vector<Report> reports;
    for (auto& damage :
         local::read_home(home, [&](const std::string& sentence) { progress.phase(sentence); }))
        reports.push_back({.damage = std::move(damage), .repaired = {}});
    progress.pause();
    if (options.repair && !reports.empty())
        repair(home, reports);
    if (options.json)
        print_json(to_json(home, reports));
    else
        print(home, reports);
    for (const auto& report : reports)
        if (report.repaired.empty())
            return failed;
    return done;
}

} // namespace

void add_local_check(const Command& local)
{
    add_command<Options>(
        local, "check", "Read all that it keeps, and say what is damaged",
        [](const Command& command, Options& options) {
            command.flag("--repair", options.repair,
                         "Mend what can be mended without losing anything; the cloud must not run");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus local check", "what is damaged, and the way out"},
                              {"nimbus local check --repair", "keeps aside what it replaces"}});
        },
        run);
}

} // namespace nimbus::cli
