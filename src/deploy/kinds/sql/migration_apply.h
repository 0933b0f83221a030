#pragma once

#include "deploy/kinds/sql/migrations.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::deploy::sql {

/// Files, by their names.
struct AppliedMigrations {
    std::vector<std::string> recorded; ///< as applied, without being run
    std::vector<std::string> applied;
};

/// What is applied in a schema that is deployed. Throws Error where it is not there.
std::vector<MigrationStep> applied_in(SqlSession& session, const SchemaOutputs& schema);

/// Applies what is pending, under the lock of the deployment, as a deploy does. `baseline`: first
/// records the migrations up to that number as applied, without running them. `before` is called
/// when something is pending, before anything is changed, and may throw. Throws as baseline_of,
/// check_baseline, Migrations::differences and run_migrations.
AppliedMigrations apply_migrations(World& world, const SchemaOutputs& schema,
                                   const MigrationsInputs& wanted, const Options& options,
                                   std::optional<unsigned> baseline,
                                   const std::function<void()>& before);

/// Runs what of `wanted.seed` has not run, or with `again` all of it, under that lock. Returns how
/// many statements that were. Throws Error where a migration is pending.
std::size_t run_seed(World& world, const SchemaOutputs& schema, const MigrationsInputs& wanted,
                     const Options& options, bool again);

} // namespace nimbus::deploy::sql
