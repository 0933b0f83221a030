#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "cli/plan_text.h"
#include "deploy/kinds/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool json = false;
};

/// All that is left is what a destroy kept.
bool is_destroyed(const std::vector<deploy::ResourceStatus>& resources)
{
    return std::ranges::all_of(resources, &deploy::ResourceStatus::is_kept);
}

std::string text_of(const std::vector<deploy::ResourceStatus>& resources)
{
    std::size_t resource_width = 0, state_width = 0;
    for (const auto& entry : resources) {
        resource_width = std::max(resource_width, entry.resource.size());
        state_width = std::max(state_width, entry.state.size());
    }
    std::string text;
    bool is_altered = false;
    for (const auto& entry : resources) {
        text += fmt::format("  {:<{}}  {:<{}}  {}\n", entry.resource, resource_width, entry.state,
                            state_width, entry.id);
        for (const auto& difference : entry.altered_settings)
            text += "            " + difference + '\n';
        is_altered = is_altered || !entry.altered_settings.empty();
    }
    if (is_altered)
        text += "\nSomebody changed this (now -> as Nimbus has it); 'nimbus deploy' changes it "
                "back.\n";
    return text;
}

std::string text_of(const deploy::DeploymentStatus& status, const deploy::Outputs& outputs,
                    const std::string& target)
{
    auto text = describe(outputs, target) + '\n';
    if (!status.outputs && !is_destroyed(status.resources))
        text += "The first deploy did not finish; 'nimbus deploy' continues from here.\n\n";
    text += text_of(status.resources);
    if (!status.extras.empty())
        text += '\n' + describe(status.extras);
    return text;
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto& target = *deployment.target;
    progress.phase("Reading the state of each resource");
    const auto status = deploy::deployment_status(deploy::all_kinds(), target, deployment.id);
    progress.pause();
    // A first deploy that did not end left resources, but no outputs.
    if (!status || (!status->outputs && status->resources.empty()))
        throw not_deployed(deployment);
    const auto outputs = status->outputs.value_or(deploy::Outputs{.deployment = deployment.id});
    if (!options.json) {
        std::cout << without_controls(text_of(*status, outputs, target.name));
        return done;
    }
    auto document = to_json(outputs, target.name);
    json::array states;
    for (const auto& entry : status->resources)
        states.push_back(json::object{{"resource", entry.resource},
                                      {"state", entry.state},
                                      {"id", entry.id},
                                      {"differences", json::array(entry.altered_settings.begin(),
                                                                  entry.altered_settings.end())}});
    document["resources"] = std::move(states);
    document["notOurs"] = to_json(status->extras);
    print_json(document);
    return done;
}

} // namespace

void add_status(const Command& root)
{
    add_command<Options>(
        root, "status", "Show what is deployed, and its state",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus status", "this directory's application"},
                              {"nimbus status --stage prod", "another deployment of it"}});
        },
        run);
}

} // namespace nimbus::cli
