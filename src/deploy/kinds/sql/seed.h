#pragma once

#include "deploy/kinds/sql/migration_step.h"
#include "deploy/target.h"

#include <string>
#include <string_view>
#include <vector>

/// Rows to work with: a file of INSERT, UPDATE and DELETE that runs behind the migrations, on the
/// local cloud and in previews only. Each statement runs once in a schema: the ledger has its
/// checksum, so that a changed one is a new one.
namespace nimbus::deploy::sql {

std::vector<MigrationStep> seed_of(const std::vector<MigrationStatement>& statements);

/// Those of `seed` that have not run, numbered behind those of the ledger.
std::vector<MigrationStep> pending_seed(const std::vector<MigrationStep>& seed,
                                        const std::vector<MigrationStep>& applied);

/// The deployments whose rows nobody misses.
bool takes_seeds(const Target& target, bool is_preview);

} // namespace nimbus::deploy::sql
