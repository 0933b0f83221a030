#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "cli/plan_text.h"
#include "deploy/kinds/catalog.h"

#include <filesystem>
#include <iostream>
#include <utility>

namespace nimbus::cli {
namespace {

struct Options {
    ApplicationOptions application;
    bool json = false;
};

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto settings = read_target_settings(std::filesystem::current_path());
    const auto application = load_application_for(settings, options.application, progress);
    const auto target = OpenTarget::open(settings, application.manifest.region, &progress);
    progress.phase("Comparing the program with what is deployed");
    auto plan =
        deploy::plan(deploy::all_kinds(), *target, application.manifest, artifacts_of(application));
    for (auto& warning : architecture_warnings(application))
        plan.warnings.push_back(std::move(warning));
    progress.pause();
    if (options.json)
        print_json(to_json(plan, target->name));
    else
        std::cout << without_controls(describe(plan));
    return done;
}

} // namespace

void add_plan(const Command& root)
{
    add_command<Options>(
        root, "plan", "Show what a deploy would do and why; change nothing",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            declare_preview(command, options.application);
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus plan", "the application in this directory"},
                              {"nimbus plan --stage prod", "another deployment of it"}});
        },
        run);
}

} // namespace nimbus::cli
