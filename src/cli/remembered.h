#pragma once

#include "deploy/deploy.h"

#include <filesystem>
#include <optional>

/// What an application's directory was the last time that its program could be read: logs and
/// outputs of what is deployed are wanted most when it cannot.
namespace nimbus::cli {

/// Into .nimbus, beside the builds. What cannot be written is not worth failing for.
void remember(const std::filesystem::path& directory, const deploy::DeploymentId& id);
/// Nothing when there is none that can be understood.
std::optional<deploy::DeploymentId> remembered(const std::filesystem::path& directory);

} // namespace nimbus::cli
