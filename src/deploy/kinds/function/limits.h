#pragma once

#include "deploy/limits.h"

namespace nimbus::deploy::function {

/// The sizes of roles' and functions' policies, environments and handlers' names.
std::vector<Excess> limits(const Application& application, const ExpectedGraph& graph);

} // namespace nimbus::deploy::function
