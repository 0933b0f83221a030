#pragma once

#include "deploy/target.h"

#include <optional>
#include <string>
#include <vector>

/// Which of several deployments is meant.
namespace nimbus::cli {

/// "shop (stage dev, us-east-1)"
std::string text_of(const deploy::DeploymentId& id);

/// The one that has what `wanted` names; its empty members fit all. Nothing when there is none.
/// Throws UsageError that lists them when there are several.
std::optional<deploy::DeploymentId> only_match(std::vector<deploy::DeploymentId> all,
                                               const deploy::DeploymentId& wanted);

} // namespace nimbus::cli
