#pragma once

#include "deploy/kinds/sql/migration_ledger.h"

#include <boost/describe/class.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The statements of migrations as a plan compares them: those of the files with those of the
/// ledger.
namespace nimbus::deploy::sql {

/// A statement of a migration: wanted, or as the ledger has it.
struct MigrationStep {
    std::string file;
    int number = 0;   ///< of the statement in it, from 1
    std::string text; ///< of what is applied: its beginning
    std::string checksum;
    int line = 0; ///< of what is applied: 0
    bool changes_rows = false;
    bool in_batches = false;
    bool is_unchecked = false; ///< of what is wanted
    bool may_fail = false;     ///< of what is tried
    bool is_done = false;      ///< of what is applied; false: it was begun
    bool is_refused = false;   ///< of what was begun, see LedgerEntry
    std::string changed_at;    ///< of what is applied
    std::string refusal;       ///< of what is wanted: why the database will refuse it; or ""
};
BOOST_DESCRIBE_STRUCT(MigrationStep, (),
                      (file, number, text, checksum, line, changes_rows, in_batches, is_unchecked,
                       may_fail, is_done, is_refused, changed_at, refusal))

/// What the ledger calls the seed, whatever its file is called.
inline constexpr std::string_view seed_key = "seed";

/// Of one file, by their numbers.
using StepsOfFile = std::map<int, const MigrationStep*>;

/// Without those of the seed, see seed.h. They live as long as `steps`.
std::map<std::string, StepsOfFile> by_file(const std::vector<MigrationStep>& steps);

/// What is applied, in the order of files and statements.
std::vector<MigrationStep> steps_of(const Ledger& ledger);
/// Without refusals.
std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations);

/// How far a migration is.
struct MigrationStanding {
    enum class State {
        applied,
        pending, ///< as a whole, or from some statement on
        changed, ///< the file is not what was applied, or has more, and later ones are applied
        missing, ///< it was applied, and there is no file
    };

    std::string file;
    State state = State::pending;
    std::size_t done = 0;       ///< statements that are applied
    std::size_t statements = 0; ///< all of them; where the file is missing, those that are applied
    std::string changed_at;     ///< when the last of them was; or ""
};

/// All files that there are, or were, in their order.
std::vector<MigrationStanding> standings_of(const std::vector<MigrationStep>& wanted,
                                            const std::vector<MigrationStep>& applied);

/// A sentence where it takes away what the functions that are deployed now may use; or "".
std::string what_breaks(const MigrationStep& step);
/// "The migration 0001_users.sql", "The seed"
std::string name_of(const MigrationStep& step);
/// What to do where a statement is refused before anything is changed, and should not be.
inline constexpr std::string_view way_out_of_refusal =
    "If that is wrong, write '-- nimbus: unchecked' on the line before the statement: then only "
    "the database that it is for can refuse it.";
/// Throws Error with file, line, reason and a way round for a step that has a refusal.
void check_refusal(const MigrationStep& step);

/// Of a file, by what was applied of it and what it holds; one of the two may be empty.
MigrationStanding standing_of(const std::string& file, const StepsOfFile& applied,
                              const StepsOfFile& wanted);
/// Is the step still in the file as it was applied, or begun? One that was refused may have been
/// corrected since.
bool is_unchanged(const MigrationStep& applied, const StepsOfFile& wanted);

} // namespace nimbus::deploy::sql
