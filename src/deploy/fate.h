#pragma once

#include "deploy/deploy.h"

#include <set>
#include <string>
#include <vector>

namespace nimbus::deploy {

enum class DestroyMode {
    keeps_data,
    deletes_data, ///< --force
};

/// What becomes of the things of a deployment that is destroyed. Records in neither set stay, with
/// their things.
struct Fate {
    std::set<std::string> doomed; ///< records whose things are deleted
    std::set<std::string> left;   ///< records that are forgotten: their things are other people's
    std::vector<Kept> kept;
    /// Sentences about what even --force did not get, and what to do: thrown after all else is
    /// done.
    std::vector<Kept> protections;
};

/// What to type to delete the data, too.
std::string destroy_command(const DeploymentId& deployment);

} // namespace nimbus::deploy
