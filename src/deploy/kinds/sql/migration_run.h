#pragma once

#include "deploy/kinds/sql/migrations.h"

#include <vector>

namespace nimbus::deploy::sql {

/// Applies what is not applied yet, in its order, each once, as the role of the application's
/// functions: they own what it makes. What an earlier run began and did not finish is finished.
/// Throws Error that names file and line of what the database refused; what came before it stays
/// applied.
void run_migrations(World& world, const SchemaOutputs& schema, const MigrationsInputs& wanted);

/// Writes that these are applied, without running them: file by file, so that a run that was killed
/// can be done again.
void record_migrations(World& world, const SchemaOutputs& schema,
                       const std::vector<MigrationStep>& steps);

} // namespace nimbus::deploy::sql
