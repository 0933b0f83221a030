#include "cli/migrate.h"

#include "base/error.h"
#include "deploy/kinds/sql/output.h"

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

std::optional<SchemaOutputs> find_schema(const OpenDeployment& deployment,
                                         const std::string& database)
{
    const auto outputs = find_outputs(deployment);
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
    auto schema = find_schema(deployment, database);
    if (!schema)
        throw not_deployed(deployment);
    return *std::move(schema);
}

} // namespace nimbus::cli
