#include "cli/migrate.h"

#include "base/error.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/sql/output.h"

#include <algorithm>
#include <vector>

namespace nimbus::cli {

using deploy::sql::Database;
using deploy::sql::DatabaseOutput;
using deploy::sql::SchemaOutputs;

void declare_migrate(const Command& command, MigrateOptions& options)
{
    command.option("--database", options.database, "NAME",
                   "The database, where several have migrations");
    command.flag("--json", options.json, "Print one JSON object");
}

const Database& chosen_database(const manifest::Manifest& manifest, const std::string& name)
{
    std::vector<const Database*> found;
    std::string names;
    for (const auto& database : manifest.declared.of<Database>()) {
        if (!database.migrations_directory || (!name.empty() && database.name != name))
            continue;
        found.push_back(&database);
        names += (names.empty() ? "" : ", ") + database.name;
    }
    if (found.size() > 1)
        throw UsageError("Several databases of " + manifest.project + " have migrations",
                         "Name one of these with --database: " + names + ".");
    if (!found.empty())
        return *found.front();
    if (!name.empty())
        throw UsageError("There is no database '" + name + "' with migrations in " +
                         manifest.project);
    throw Error("No database of " + manifest.project + " has migrations",
                "Declare a directory for them: app.sql({.name = \"main-db\", .migrations = "
                "\"migrations\"}), or migrations: 'migrations' in TypeScript.");
}

OpenDeployment deployment_of(const frontends::BuiltApplication& application, Progress& progress)
{
    const auto& manifest = application.manifest;
    return open_deployment(
        {.project = manifest.project, .region = manifest.region, .stage = manifest.stage},
        progress);
}

std::optional<SchemaOutputs> find_schema(const deploy::Target& target,
                                         const deploy::DeploymentId& id,
                                         const std::string& database)
{
    const auto outputs = deploy::outputs(deploy::all_kinds(), target, id);
    if (!outputs)
        return {};
    for (const auto& output : outputs->of<DatabaseOutput>(deploy::sql::kind_name))
        if (output.name == database)
            return SchemaOutputs{.schema = output.schema,
                                 .db_role = output.db_role,
                                 .identifier = output.identifier,
                                 .endpoint = output.endpoint,
                                 .mappings = {}};
    return {};
}

SchemaOutputs need_schema(const OpenDeployment& deployment, const std::string& database)
{
    auto schema = find_schema(*deployment.target, deployment.id, database);
    if (!schema)
        throw not_deployed(deployment);
    return *std::move(schema);
}

bool has_seed(const manifest::Manifest& manifest)
{
    return std::ranges::any_of(manifest.declared.of<Database>(), [](const Database& database) {
        return database.seed_file.has_value();
    });
}

Error without_seed(const manifest::Manifest& manifest, const std::string& database)
{
    return Error("No database of " + manifest.project + " has a seed" +
                     (database.empty() ? "" : " and the name '" + database + "'"),
                 "Declare its file: app.sql({.name = \"main-db\", .seed = \"seed.sql\"}), or "
                 "seed: 'seed.sql' in TypeScript.");
}

DeployedSchema::DeployedSchema(const frontends::BuiltApplication& application,
                               const Database& database, Progress& progress)
    : deployment(deployment_of(application, progress)),
      schema(need_schema(deployment, database.name)),
      engine(engine_options(progress, *deployment.target)),
      world(deploy::all_kinds(), *deployment.target, deployment.id, progress, engine.interrupted)
{
}

} // namespace nimbus::cli
