#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/deployment.h"
#include "cli/fault_options.h"
#include "cli/fault_report.h"
#include "cli/log_text.h"
#include "cli/log_watch.h"
#include "cli/migration_trial.h"
#include "cli/outputs.h"
#include "cli/plan_text.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/current_outputs.h"
#include "local/home.h"

#include <fmt/core.h>

#include <filesystem>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    ApplicationOptions application;
    std::string faults;
    bool json = false, yes = false, prune = false;
};

/// What --faults says; nothing where it was not given.
std::optional<local::FaultSettings> wanted_faults(const Options& options,
                                                  const TargetSettings& target)
{
    if (options.faults.empty())
        return std::nullopt;
    if (target.kind != TargetSettings::Kind::local)
        throw UsageError("--faults is for the local cloud, and the target is aws",
                         "Leave it out, or choose the target local with 'nimbus init'.");
    return fault_settings_of(fault_list("--faults", options.faults));
}

/// Asks before a deployment is taken over that another bucket may have the state and the lock of.
void confirm_takeover(const deploy::PlanSummary& plan, const deploy::Target& target,
                      const Options& options, const Terminal& terminal, Progress& progress)
{
    if (options.yes || plan.strays.empty() || target.name == "local")
        return;
    progress.pause();
    std::cerr << describe_strays(target, plan) << "\n";
    confirm({.deed = "what is deployed already is taken over with the bucket " + target.bucket,
             .question = "Take over what is deployed already, with a new state in this bucket?",
             .refusal = "Nothing was changed"},
            terminal);
}

/// Asks before data is lost, and only then.
void confirm_losses(const deploy::PlanSummary& plan, const Options& options,
                    const Terminal& terminal, Progress& progress)
{
    if (options.yes || !plan.loses_data())
        return;
    progress.pause();
    std::cerr << without_controls(describe(plan));
    std::vector<std::string> lost;
    for (const auto& step : plan.steps)
        if (step.loses_data)
            lost.push_back(step.resource);
    const auto names = join(lost, ", ");
    confirm({.deed = "this data is deleted: " + names,
             .question = "This deletes data: " + names + ". Continue?",
             .refusal = "Nothing was changed"},
            terminal);
}

/// Adds what the local cloud has to say of a failure.
[[noreturn]] void throw_explained(const Error& error, LogWatch& log)
{
    std::string message = error.what();
    for (const auto& line : log.lines())
        message += "\n  The local cloud: " + line;
    throw Error(message, error.hint());
}

deploy::Options with_pruning(deploy::Options engine, const Options& options)
{
    engine.prune = options.prune;
    return engine;
}

deploy::DeployResult deploy_application(const frontends::BuiltApplication& application,
                                        const deploy::Target& target, const Options& options,
                                        const Terminal& terminal, Progress& progress)
{
    std::optional<LogWatch> log;
    if (target.name == "local")
        log.emplace(local::Home::from_environment().log_file());
    try {
        return *deploy::deploy(deploy::all_kinds(), target, application.manifest,
                               artifacts_of(application),
                               with_pruning(engine_options(progress, target), options),
                               [&](const deploy::PlanSummary& plan) {
                                   try_before_deploying(plan, application, target, progress);
                                   confirm_takeover(plan, target, options, terminal, progress);
                                   confirm_losses(plan, options, terminal, progress);
                                   return true;
                               });
    } catch (const UsageError&) {
        throw;
    } catch (const Declined&) {
        throw;
    } catch (const Error& error) {
        if (!log)
            throw;
        throw_explained(error, *log);
    }
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto settings = read_target_settings(std::filesystem::current_path());
    const auto faults = wanted_faults(options, settings);
    const auto application = load_application_for(settings, options.application, progress);
    for (const auto& warning : architecture_warnings(application))
        progress.note("Warning: " + warning);
    const auto opened = OpenTarget::open(settings, application.manifest.region, &progress);
    const auto& target = *opened;
    const auto result = deploy_application(application, target, options, terminal, progress);
    const auto outputs = deploy::current_outputs(result.outputs, target);
    progress.pause();
    const auto& changes = result.changes;
    const bool changed = changes.created + changes.updated + changes.deleted > 0;
    std::cerr << terminal.green("✓") << " "
              << (changed ? "Deployed: " + describe(changes) : "No changes") << "\n";
    if (options.json) {
        auto document = to_json(outputs, target.name);
        document["changes"] = to_json(changes);
        print_json(document);
    } else {
        std::cout << without_controls(describe(outputs, target.name));
    }
    if (faults)
        std::cerr << faults_sentence(target.client.call(PutFaults{*faults})) << "\n";
    return done;
}

} // namespace

void add_deploy(const Command& root)
{
    add_command<Options>(
        root, "deploy", "Build the application and create what it declares",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            declare_preview(command, options.application);
            command.flag("--json", options.json, "Print one JSON object");
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.flag(
                "--prune", options.prune,
                "Delete also what somebody added to its resources ('nimbus plan' shows it)");
            command.option("--faults", options.faults, "LIST",
                           "Then let the local cloud fail now and then: conflicts=5%,seed=7 … "
                           "('nimbus local faults --help' has the names), or off");
            command.examples({{"nimbus deploy", "the application in this directory"},
                              {"nimbus deploy shop.cpp", "another file"},
                              {"nimbus deploy --stage prod", "a separate deployment"},
                              {"nimbus deploy --preview --stage pr-42", "of a pull request"},
                              {"nimbus deploy --json --yes", "from a script"}});
        },
        run);
}

} // namespace nimbus::cli
