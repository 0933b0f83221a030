#pragma once

#include "deploy/application.h"
#include "deploy/world.h"

namespace nimbus::deploy::sql {

/// Counts the schemas of shared clusters in which the application is about to make one. Reads only.
/// Throws UsageError that names them where DSQL takes no more.
void check_schema_quota(World& world, const Application& application);

} // namespace nimbus::deploy::sql
