#include "cli/plan_text.h"

#include "cli/outputs.h"

#include <fmt/core.h>

namespace nimbus::cli {
namespace {

using deploy::Action;

std::string_view sign(Action action)
{
    switch (action) {
    case Action::create:
        return "+";
    case Action::update:
        return "~";
    case Action::replace:
        return "±";
    case Action::remove:
        return "-";
    case Action::keep:
        break;
    }
    return " ";
}

} // namespace

json::object to_json(const deploy::PlanSummary& plan, const std::string& target)
{
    json::array steps;
    for (const auto& step : plan.steps) {
        json::array reasons(step.reasons.begin(), step.reasons.end());
        steps.push_back(json::object{{"action", verb(step.action)},
                                     {"type", step.type},
                                     {"name", step.name},
                                     {"reasons", std::move(reasons)}});
        if (!step.notes.empty())
            steps.back().as_object()["notes"] = json::array(step.notes.begin(), step.notes.end());
    }
    return {{"project", plan.deployment.project},
            {"stage", plan.deployment.stage},
            {"region", plan.deployment.region},
            {"target", target},
            {"steps", std::move(steps)},
            {"notOurs", to_json(plan.extras)},
            {"warnings", json::array(plan.warnings.begin(), plan.warnings.end())},
            {"changes", to_json(plan.changes())}};
}

json::array to_json(const std::vector<deploy::PlannedExtra>& extras)
{
    json::array all;
    for (const auto& extra : extras)
        all.push_back(json::object{
            {"resource", extra.resource}, {"what", extra.what}, {"prunable", extra.is_prunable}});
    return all;
}

std::string describe(const std::vector<deploy::PlannedExtra>& extras)
{
    std::string prunable;
    std::string kept;
    for (const auto& extra : extras)
        (extra.is_prunable ? prunable : kept) +=
            fmt::format("! {}: {}\n", extra.resource, extra.what);
    std::string text;
    if (!prunable.empty())
        text += "Somebody added this; 'nimbus deploy --prune' deletes it:\n" + prunable;
    if (!kept.empty())
        text += "Somebody added this, which may be data; Nimbus does not delete it:\n" + kept;
    return text;
}

std::string describe(const deploy::PlanSummary& plan)
{
    auto text = describe(plan.extras);
    for (const auto& warning : plan.warnings)
        text += fmt::format("Warning: {}\n", warning);
    if (plan.changes_nothing()) {
        text += fmt::format("No changes: {} (stage {}) is what the program declares.\n",
                            plan.deployment.project, plan.deployment.stage);
        return text;
    }
    for (const auto& step : plan.steps) {
        if (step.action == Action::keep)
            continue;
        text += fmt::format("{} {:<7} {}\n", sign(step.action), verb(step.action), step.resource);
        for (const auto& reason : step.reasons)
            if (reason != deploy::is_new)
                text += fmt::format("            {}\n", reason);
        for (const auto& note : step.notes)
            text += fmt::format("            {}\n", note);
    }
    const auto changes = plan.changes();
    text += fmt::format(
        "\n{} to create, {} to update, {} to delete, {} unchanged. 'nimbus deploy' does this.\n",
        changes.created, changes.updated, changes.deleted, changes.unchanged);
    return text;
}

} // namespace nimbus::cli
