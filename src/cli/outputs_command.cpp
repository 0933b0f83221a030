#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool json = false;
};

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto outputs = need_outputs(deployment);
    progress.pause();
    const auto& target = deployment.target->name;
    if (options.json)
        print_json(to_json(outputs, target));
    else
        std::cout << without_controls(describe(outputs, target));
    return done;
}

} // namespace

void add_outputs(const Command& root)
{
    add_command<Options>(
        root, "outputs", "Show URLs, endpoints and names",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus outputs", "this directory's application"},
                              {"nimbus outputs --json", "for a script"}});
        },
        run);
}

} // namespace nimbus::cli
