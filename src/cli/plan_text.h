#pragma once

#include "base/json.h"
#include "deploy/deploy.h"

#include <string>

namespace nimbus::cli {

/// A plan as `plan --json` prints it: project, stage, region, target, steps, notOurs,
/// warnings, changes.
json::object to_json(const deploy::PlanSummary& plan, const std::string& target);
/// "notOurs" of `plan --json` and `status --json`.
json::array to_json(const std::vector<deploy::PlannedExtra>& extras);
/// For people; empty when there are none.
std::string describe(const std::vector<deploy::PlannedExtra>& extras);
/// The same for people, with the reasons; says so when there is nothing to do.
std::string describe(const deploy::PlanSummary& plan);

} // namespace nimbus::cli
