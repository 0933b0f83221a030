#include "cli/plan_text.h"

#include "cli/outputs.h"

#include <fmt/format.h>

#include <iterator>

namespace nimbus::cli {
namespace {

using deploy::Action;

std::string_view word(Action action)
{
    switch (action) {
    case Action::create:
        return "create";
    case Action::update:
        return "update";
    case Action::replace:
        return "replace";
    case Action::remove:
        return "delete";
    case Action::keep:
        break;
    }
    return "keep";
}

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

deploy::Changes count(const deploy::PlanSummary& plan)
{
    deploy::Changes changes;
    for (const auto& step : plan.steps)
        switch (step.action) {
        case Action::create:
            ++changes.created;
            break;
        case Action::update:
        case Action::replace:
            ++changes.updated;
            break;
        case Action::remove:
            ++changes.deleted;
            break;
        case Action::keep:
            ++changes.unchanged;
            break;
        }
    return changes;
}

} // namespace

json::object to_json(const deploy::PlanSummary& plan, const std::string& target)
{
    json::array steps;
    for (const auto& step : plan.steps) {
        json::array reasons(step.reasons.begin(), step.reasons.end());
        steps.push_back(json::object{{"action", word(step.action)},
                                     {"type", step.type},
                                     {"name", step.name},
                                     {"reasons", std::move(reasons)}});
    }
    return {{"project", plan.deployment.project}, {"stage", plan.deployment.stage},
            {"region", plan.deployment.region},   {"target", target},
            {"steps", std::move(steps)},          {"changes", to_json(count(plan))}};
}

std::string describe(const deploy::PlanSummary& plan)
{
    if (plan.changes_nothing())
        return fmt::format("No changes: {} (stage {}) is what the program declares.\n",
                           plan.deployment.project, plan.deployment.stage);
    std::string text;
    auto out = std::back_inserter(text);
    for (const auto& step : plan.steps) {
        if (step.action == Action::keep)
            continue;
        fmt::format_to(out, "{} {:<7} {}\n", sign(step.action), word(step.action), step.resource);
        for (const auto& reason : step.reasons)
            fmt::format_to(out, "            {}\n", reason);
    }
    const auto changes = count(plan);
    fmt::format_to(out,
                   "\nA deploy would make {} to create, {} to update, {} to delete; {} stay "
                   "as they are.\n",
                   changes.created, changes.updated, changes.deleted, changes.unchanged);
    return text;
}

} // namespace nimbus::cli
