#pragma once

#include "deploy/limits.h"

namespace nimbus::deploy::sql {

/// Schemas in a database, which cannot be raised. Source: Aurora DSQL User Guide, "Cluster quotas
/// and database limits".
inline constexpr std::size_t most_schemas = 10;

/// The clusters, and the schemas in each.
std::vector<Excess> limits(const Application& application, const ExpectedGraph& graph);

} // namespace nimbus::deploy::sql
