#include "deploy/plan_summary.h"

#include <algorithm>

namespace nimbus::deploy {

std::string verb(Action action)
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

void Changes::count(Action action)
{
    switch (action) {
    case Action::create:
        ++created;
        break;
    case Action::update:
    case Action::replace:
        ++updated;
        break;
    case Action::remove:
        ++deleted;
        break;
    case Action::keep:
        ++unchanged;
        break;
    }
}

Changes PlanSummary::changes() const
{
    Changes changes;
    for (const auto& step : steps)
        changes.count(step.action);
    return changes;
}

bool PlanSummary::changes_nothing() const
{
    return std::ranges::all_of(steps,
                               [](const PlannedStep& step) { return step.action == Action::keep; });
}

bool PlanSummary::loses_data() const
{
    return std::ranges::any_of(steps, &PlannedStep::loses_data);
}

} // namespace nimbus::deploy
