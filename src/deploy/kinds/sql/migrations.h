#pragma once

#include "deploy/kinds/sql/migration_squash.h"
#include "deploy/kinds/sql/schema.h"

namespace nimbus::deploy::sql {

struct MigrationsInputs {
    std::vector<MigrationStep> steps;      ///< in their order
    std::vector<MigrationSquash> squashes; ///< of what is wanted
    std::vector<MigrationStep> seed;       ///< of what is wanted; empty where seeds do not run
};
BOOST_DESCRIBE_STRUCT(MigrationsInputs, (), (steps, squashes, seed))

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

/// What of `wanted` is not in the ledger, a sentence each. Throws Error as Migrations::differences.
std::vector<std::string> differences_from(const MigrationsInputs& wanted,
                                          const std::vector<MigrationStep>& in_ledger);

/// What a database wants, with what the target's databases are known to refuse; without its seed.
MigrationsInputs migrations_of(const Database& database, const Target& target);
/// The seed of a database in the same way.
std::vector<MigrationStep> seed_of(const Database& database, const Target& target);
/// Does the application make changes in the database itself?
bool has_migrations(const Application& application, const Database& database);

/// A sentence for each declared directory that has none.
std::vector<std::string> empty_directories(const Application& application);

/// Throws Error when what is not applied yet holds a statement that the database will refuse.
std::vector<Node> migrations_nodes(const Application& application);

} // namespace nimbus::deploy::sql
