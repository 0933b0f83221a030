#include "base/number.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/migrate.h"
#include "cli/migration_trial.h"
#include "cli/outputs.h"
#include "deploy/kinds/sql/migration_apply.h"

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options : MigrateOptions {
    std::string baseline;
};

std::optional<unsigned> baseline_of(const Options& options)
{
    if (options.baseline.empty())
        return {};
    const auto number = parse_number<unsigned>(options.baseline);
    if (!number)
        throw UsageError("--baseline must be the number of a migration, not '" + options.baseline +
                         "'");
    return number;
}

json::array to_array(const std::vector<std::string>& files)
{
    return json::array(files.begin(), files.end());
}

void tell(const deploy::sql::AppliedMigrations& result)
{
    if (!result.recorded.empty())
        std::cout << "Recorded as applied: " << join(result.recorded, ", ") << ".\n";
    if (!result.applied.empty())
        std::cout << "Applied: " << join(result.applied, ", ") << ".\n";
    else
        std::cout << "Nothing is pending.\n";
}

int run(const Options& options, const Terminal& terminal)
{
    const auto baseline = baseline_of(options);
    Progress progress(terminal);
    const auto application = load_application(options.application, progress);
    const auto& database = chosen_database(application.manifest, options.database);
    DeployedSchema deployed(application, database, progress);
    const auto& target = deployed.world.target();
    const auto result = deploy::sql::apply_migrations(
        deployed.world, deployed.schema, deploy::sql::migrations_of(database, target),
        deployed.engine, baseline,
        [&] { try_before_applying(application, target, progress, baseline); });
    progress.pause();
    if (options.json)
        print_json({{"database", database.name},
                    {"recorded", to_array(result.recorded)},
                    {"applied", to_array(result.applied)}});
    else
        tell(result);
    return done;
}

} // namespace

void add_migrate_apply(const Command& migrate)
{
    add_command<Options>(
        migrate, "apply", "Apply what is pending, without deploying functions",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            command.option("--baseline", options.baseline, "NUMBER",
                           "First record the migrations up to that one as applied, without running "
                           "them: what they make is there already");
            declare_migrate(command, options);
            command.examples(
                {{"nimbus migrate apply", "to what is deployed"},
                 {"nimbus migrate apply --baseline 1", "0001 made tables that are there"}});
        },
        run);
}

} // namespace nimbus::cli
