#pragma once

#include "deploy/kinds/sql/migration_ledger.h"
#include "deploy/kinds/sql/schema.h"

namespace nimbus::deploy::sql {

/// A statement of a migration: wanted, or as the ledger has it.
struct MigrationStep {
    std::string file;
    int number = 0;   ///< of the statement in it, from 1
    std::string text; ///< of what is applied: its beginning
    std::string checksum;
    int line = 0; ///< of what is applied: 0
    bool changes_rows = false;
    bool is_done = false;   ///< of what is applied; false: it was begun
    std::string changed_at; ///< of what is applied
    std::string refusal;    ///< of what is wanted: why the database will refuse it; or ""
};
BOOST_DESCRIBE_STRUCT(MigrationStep, (),
                      (file, number, text, checksum, line, changes_rows, is_done, changed_at,
                       refusal))

struct MigrationsInputs {
    std::vector<MigrationStep> steps; ///< in their order
};
BOOST_DESCRIBE_STRUCT(MigrationsInputs, (), (steps))

struct MigrationsOutputs {
    std::string ledger; ///< the table, with its schema
};
BOOST_DESCRIBE_STRUCT(MigrationsOutputs, (), (ledger))

/// The migrations of a schema, as far as they are applied. What was applied stays so: the program
/// can only add to it.
struct Migrations {
    static constexpr std::string_view name = "migrations";
    static constexpr Leaving leaving = Leaving::stays;
    using Inputs = MigrationsInputs;
    using Outputs = MigrationsOutputs;
    using Parent = Schema;
    using Subject = SubjectOf<Migrations>;
    using Observed = ObservedOf<Migrations>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    /// Throws Error when what is applied is not what the program has, with both sides, and when
    /// something that is to be applied will be refused.
    static std::vector<std::string> differences(const Inputs& wanted, const Observed& observed);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    /// It goes with its schema.
    static void destroy(World&, const Subject&) {}
    static std::string id(const Outputs& outputs) { return outputs.ledger; }
};

/// Throws Error when what is not applied yet holds a statement that the database will refuse.
std::vector<Node> migrations_nodes(const Application& application);

/// What is applied, in the order of files and statements.
std::vector<MigrationStep> steps_of(const Ledger& ledger);
/// Without refusals.
std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations);

/// How far a migration is.
struct MigrationStanding {
    enum class State {
        applied,
        pending, ///< as a whole, or from some statement on
        changed, ///< the file is not what was applied
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

/// Throws Error with file, line, reason and a way round for a step that has a refusal.
void check_refusal(const MigrationStep& step);

} // namespace nimbus::deploy::sql
