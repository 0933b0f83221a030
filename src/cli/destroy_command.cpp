#include "base/error.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/deployment.h"
#include "cli/outputs.h"
#include "deploy/kinds/catalog.h"

#include <fmt/core.h>

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool force = false, yes = false, json = false;
};

json::object document_of(const deploy::DestroyResult& result, const deploy::DeploymentId& id,
                         const std::string& target)
{
    json::array kept;
    for (const auto& entry : result.kept)
        kept.push_back(json::object{
            {"resource", entry.resource}, {"reason", entry.reason}, {"how", entry.how}});
    return {{"project", id.project},     {"stage", id.stage},
            {"region", id.region},       {"target", target},
            {"existed", result.existed}, {"changes", to_json(result.changes)},
            {"kept", std::move(kept)}};
}

/// A script that says --force has said that it means the data, too.
void confirm_destruction(const Options& options, const Terminal& terminal,
                         const deploy::DeploymentId& id)
{
    if (options.yes || (options.force && !terminal.has_person()))
        return;
    confirm({.deed = text_of(id) + " is destroyed",
             .question = "Destroy " + text_of(id) +
                         (options.force ? " with all its data?" : ", keeping its data?"),
             .refusal = "Nothing was changed"},
            terminal);
}

int run(const Options& options, const Terminal& terminal)
{
    if (!names_a_deployment(options.deployment))
        throw UsageError("There is no application in this directory, and destroy does not guess",
                         "Name the deployment with --project P and --region R.");
    Progress progress(terminal);
    const auto [target, id] = open_deployment(options.deployment, progress);
    progress.pause();
    confirm_destruction(options, terminal, id);
    const auto result = deploy::destroy(deploy::all_kinds(), *target, id, options.force,
                                        engine_options(progress, *target));
    progress.pause();
    if (options.json) {
        print_json(document_of(result, id, target->name));
        return done;
    }
    if (!result.existed) {
        std::cout << fmt::format("Nothing of {} (stage {}) is deployed in {}.\n", id.project,
                                 id.stage, id.region);
        return done;
    }
    if (result.changes.deleted == 0)
        std::cout << fmt::format("Nothing of {} (stage {}) was left to delete.\n", id.project,
                                 id.stage);
    else
        std::cout << fmt::format("{} (stage {}) is destroyed: {}.\n", id.project, id.stage,
                                 describe(result.changes));
    for (const auto& kept : result.kept)
        std::cout << fmt::format("Kept {}: {}.\n  To delete it: {}\n", kept.resource, kept.reason,
                                 kept.how);
    return done;
}

} // namespace

void add_destroy(const Command& root)
{
    add_command<Options>(
        root, "destroy", "Take an application down; keep its data without --force",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("--force", options.force,
                         "Delete its data, too, unless another application uses it");
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus destroy", "this directory's application; keeps its data"},
                              {"nimbus destroy --force", "deletes its data, too"},
                              {"nimbus destroy --project shop --region us-east-1", "another one"}});
        },
        run);
}

} // namespace nimbus::cli
