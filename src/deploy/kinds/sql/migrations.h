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
};
BOOST_DESCRIBE_STRUCT(MigrationStep, (),
                      (file, number, text, checksum, line, changes_rows, is_done, changed_at))

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
    /// Throws Error when what is applied is not what the program has, with both sides.
    static std::vector<std::string> differences(const Inputs& wanted, const Observed& observed);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    /// It goes with its schema.
    static void destroy(World&, const Subject&) {}
    static std::string id(const Outputs& outputs) { return outputs.ledger; }
};

std::vector<Node> migrations_nodes(const Application& application);

/// What is applied, in the order of files and statements.
std::vector<MigrationStep> steps_of(const Ledger& ledger);
std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations);

} // namespace nimbus::deploy::sql
