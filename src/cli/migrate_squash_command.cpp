#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/migrate.h"
#include "cli/outputs.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_apply.h"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <limits>

namespace nimbus::cli {
namespace {

using deploy::sql::Migration;
using deploy::sql::MigrationStanding;
using namespace std::chrono_literals;

struct Options : MigrateOptions {
    std::string to;
};

unsigned last_number(const Options& options)
{
    if (options.to.empty())
        return std::numeric_limits<unsigned>::max();
    const auto number = parse_number<unsigned>(options.to);
    if (!number)
        throw UsageError("--to must be the number of a migration, not '" + options.to + "'");
    return *number;
}

std::vector<MigrationStanding> standings(const deploy::sql::Database& database,
                                         const deploy::Target& target,
                                         const deploy::sql::SchemaOutputs& schema)
{
    const auto wanted = deploy::sql::migrations_of(database, target);
    auto session = deploy::sql::connect(target, schema.endpoint, Deadline::after(30s));
    const auto ledger = with_squashes(wanted.squashes, wanted.steps, applied_in(session, schema));
    return standings_of(wanted.steps, ledger.applied);
}

/// Those from the first on that are applied, up to that number.
std::vector<Migration> squashable(const deploy::sql::Database& database,
                                  const std::vector<MigrationStanding>& standings, unsigned number)
{
    std::vector<Migration> found;
    for (const auto& migration : database.migrations) {
        const auto standing =
            std::ranges::find(standings, migration.name, &MigrationStanding::file);
        const bool is_applied =
            standing != standings.end() && standing->state == MigrationStanding::State::applied;
        if (!is_applied || deploy::sql::number_of(migration.name) > number)
            break;
        found.push_back(migration);
    }
    if (found.size() < 2)
        throw Error("There are not two migrations to squash: of the first files, " +
                        std::to_string(found.size()) + (found.size() == 1 ? " is" : " are") +
                        " applied",
                    "'nimbus migrate status' lists them. Pending ones are not squashed.");
    return found;
}

int run(const Options& options, const Terminal& terminal)
{
    const auto number = last_number(options);
    Progress progress(terminal);
    const auto application = load_application(options.application, progress);
    const auto& database = chosen_database(application.manifest, options.database);
    const auto deployment = deployment_of(application, progress);
    progress.phase("Reading what is applied");
    const auto migrations = squashable(
        database, standings(database, *deployment.target, need_schema(deployment, database.name)),
        number);
    progress.pause();
    const auto directory = application.directory / *database.migrations_directory;
    const auto file =
        directory /
        (migrations.back().name.substr(0, migrations.back().name.find('_')) + "_squashed.sql");
    if (std::filesystem::exists(file))
        throw Error("The file " + file.string() + " is there already",
                    "It was squashed before, and nothing but it.");
    write_file(file, deploy::sql::squashed_text(migrations));
    std::vector<std::string> names;
    for (const auto& migration : migrations) {
        std::filesystem::remove(directory / migration.name);
        names.push_back(migration.name);
    }
    if (options.json)
        print_json(
            {{"file", file.string()}, {"replaces", json::array(names.begin(), names.end())}});
    else
        std::cout << fmt::format("Made {} of {}, and removed these.\n",
                                 file.lexically_relative(std::filesystem::current_path()).string(),
                                 join(names, ", "));
    return done;
}

} // namespace

void add_migrate_squash(const Command& migrate)
{
    add_command<Options>(
        migrate, "squash", "Put the applied migrations into one file",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            command.option("--to", options.to, "NUMBER",
                           "The last one that goes into it (default: the last that is applied)");
            declare_migrate(command, options);
            command.examples({{"nimbus migrate squash", "all that are applied"},
                              {"nimbus migrate squash --to 20", "0001 to 0020"}});
        },
        run);
}

} // namespace nimbus::cli
