#pragma once

#include "deploy/limits.h"

namespace nimbus::deploy::sql {

/// The clusters, and the schemas in each.
std::vector<Excess> limits(const Application& application, const ExpectedGraph& graph);

} // namespace nimbus::deploy::sql
