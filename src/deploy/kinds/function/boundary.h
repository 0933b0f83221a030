#pragma once

#include "deploy/application.h"
#include "deploy/world.h"

#include <string>
#include <vector>

/// The permissions boundary that a program declares for all of its roles.
namespace nimbus::deploy::function {

/// Empty: none, or one of an account that the local cloud does not have.
std::string declared_boundary(const Application& application);

/// A sentence where the local cloud does without it. Throws UsageError where no role of the account
/// can have it, and Error where it does not exist: IAM would refuse the first role.
std::vector<std::string> boundary_warnings(World& world, const Application& application);

} // namespace nimbus::deploy::function
