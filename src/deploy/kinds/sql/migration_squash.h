#pragma once

#include "deploy/kinds/sql/migration_step.h"

#include <string>
#include <vector>

/// Squashed migrations: one file that holds what several did, and says which these are, by lines
/// "-- nimbus: replaces <file> <checksum>" at its head. Where those are applied, the ledger takes
/// it for applied, and nothing runs; a new schema gets it alone.
namespace nimbus::deploy::sql {

/// A squashed file.
struct MigrationSquash {
    std::string file;
    std::vector<ReplacedMigration> replaces; ///< at least one
};
BOOST_DESCRIBE_STRUCT(MigrationSquash, (), (file, replaces))

std::vector<MigrationSquash> squashes_of(const std::vector<Migration>& migrations);

/// SHA-256, hexadecimal, of the statements of one file.
std::string checksum_of_file(const std::vector<MigrationStep>& steps);

/// What is applied, seen with the squashed files in place of those that they replace.
struct SquashedLedger {
    std::vector<MigrationStep> applied;
    /// The squashes that the ledger does not have yet, and whose files it does have.
    std::vector<MigrationSquash> new_ones;
};

/// Throws Error where a ledger has some of what a squashed file replaces, or has it otherwise.
SquashedLedger with_squashes(const std::vector<MigrationSquash>& squashes,
                             const std::vector<MigrationStep>& wanted,
                             std::vector<MigrationStep> applied);

/// The text of the file that replaces all of `migrations`: two or more, in their order.
std::string squashed_text(const std::vector<Migration>& migrations);

} // namespace nimbus::deploy::sql
