#pragma once

#include "base/json.h"
#include "deploy/deploy.h"

#include <string>

namespace nimbus::cli {

/// A plan as `plan --json` prints it: project, stage, region, target, steps, changes.
json::object to_json(const deploy::PlanSummary& plan, const std::string& target);
/// The same for people, with the reasons; says so when there is nothing to do.
std::string describe(const deploy::PlanSummary& plan);

} // namespace nimbus::cli
