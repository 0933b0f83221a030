#include "base/error.h"
#include "cli/command.h"
#include "cli/migrate.h"
#include "cli/outputs.h"
#include "deploy/kinds/sql/migration_apply.h"
#include "deploy/kinds/sql/seed.h"
#include "deploy/state_store.h"

#include <iostream>

namespace nimbus::cli {
namespace {

using deploy::sql::Database;

struct Options : MigrateOptions {
    bool again = false;
};

const Database& database_with_seed(const manifest::Manifest& manifest, const std::string& name)
{
    const Database* found = nullptr;
    for (const auto& database : manifest.declared.of<Database>()) {
        if (!database.seed_file || (!name.empty() && database.name != name))
            continue;
        if (found != nullptr)
            throw UsageError("Several databases of " + manifest.project + " have seeds",
                             "Name one of these with --database: " + found->name + ", " +
                                 database.name + ".");
        found = &database;
    }
    if (found == nullptr)
        throw without_seed(manifest, name);
    return *found;
}

/// Throws UsageError where somebody would miss the rows that a seed changes.
void check(deploy::World& world)
{
    const auto state = deploy::StateStore(world).load();
    if (!deploy::sql::takes_seeds(world.target(), state && state->is_preview))
        throw UsageError(text_of(world.deployment()) + " on " + world.target().name +
                             " takes no seed: it is neither on the local cloud nor a preview",
                         "Write the rows that every deployment needs into a migration.");
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_application(options.application, progress);
    const auto& database = database_with_seed(application.manifest, options.database);
    DeployedSchema deployed(application, database, progress);
    check(deployed.world);
    const auto& target = deployed.world.target();
    auto wanted = deploy::sql::migrations_of(database, target);
    wanted.seed = deploy::sql::seed_of(database, target);
    const auto statements = deploy::sql::run_seed(deployed.world, deployed.schema, wanted,
                                                  deployed.engine, options.again);
    progress.pause();
    if (options.json)
        print_json({{"database", database.name}, {"statements", statements}});
    else if (statements == 0)
        std::cout << *database.seed_file << " has run: nothing of it is new.\n";
    else
        std::cout << "Ran " << statements << (statements == 1 ? " statement" : " statements")
                  << " of " << *database.seed_file << ".\n";
    return done;
}

} // namespace

void add_seed(const Command& root)
{
    add_command<Options>(
        root, "seed", "Run what is new in the seed of a database",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            command.option("--database", options.database, "NAME",
                           "The database, where several have seeds");
            command.flag("--again", options.again, "Run what has run before, too");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus seed", "after a change of seed.sql; a deploy does it, too"},
                              {"nimbus seed --again", "all statements, as in a new schema"}});
        },
        run);
}

} // namespace nimbus::cli
