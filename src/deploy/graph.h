#pragma once

#include "deploy/application.h"
#include "deploy/resource.h"

#include <vector>

namespace nimbus::deploy {

/// All that the application wants, in the order of dependencies. Throws Error when the manifest
/// refers to what it does not declare.
std::vector<Node> desired_graph(const Application& application);

} // namespace nimbus::deploy
