#pragma once

#include "deploy/kinds/sql/migration_step.h"
#include "deploy/kinds/sql/schema.h"

#include <map>
#include <string>
#include <vector>

namespace nimbus::deploy::sql {

/// What migrations leave in a schema, by name: "table", "index", "view", "sequence".
using Relations = std::map<std::string, std::string>;

/// As far as their text tells: what CREATE makes, RENAME TO renames and DROP takes away.
Relations relations_made_by(const std::vector<MigrationStep>& steps);

/// The steps of migrations up to that number that the ledger does not have: those that are to be
/// recorded as applied without being run. Throws UsageError when no file has the number, Error when
/// the ledger says otherwise.
std::vector<MigrationStep> baseline_of(const std::vector<MigrationStep>& wanted,
                                       const std::vector<MigrationStep>& applied, unsigned number);

/// Throws Error where what `steps` make is not there, or not the role's of the functions, as which
/// later migrations run.
void check_baseline(SqlSession& session, const SchemaOutputs& schema,
                    const std::vector<MigrationStep>& steps);

} // namespace nimbus::deploy::sql
