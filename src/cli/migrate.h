#pragma once

#include "cli/deployment.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/schema.h"
#include "deploy/world.h"

#include <optional>
#include <string>

/// What commands about migrations and seeds share.
namespace nimbus::cli {

struct MigrateOptions {
    ApplicationOptions application;
    std::string database;
    bool json = false;
};

/// --database and --json.
void declare_migrate(const Command& command, MigrateOptions& options);

/// The database whose migrations are meant. Throws UsageError where that is not clear.
const deploy::sql::Database& chosen_database(const manifest::Manifest& manifest,
                                             const std::string& name);

/// The deployment of what was built.
OpenDeployment deployment_of(const frontends::BuiltApplication& application, Progress& progress);

/// Where the database is deployed; nothing where it is not.
std::optional<deploy::sql::SchemaOutputs> find_schema(const deploy::Target& target,
                                                      const deploy::DeploymentId& id,
                                                      const std::string& database);
/// Throws Error where it is not deployed.
deploy::sql::SchemaOutputs need_schema(const OpenDeployment& deployment,
                                       const std::string& database);

bool has_seed(const manifest::Manifest& manifest);
/// No database has a seed, or none of that name; and how to declare one.
Error without_seed(const manifest::Manifest& manifest, const std::string& database = {});

/// A schema that is deployed, and what it takes to change it as a deploy does.
struct DeployedSchema {
    /// Throws Error where it is not deployed.
    DeployedSchema(const frontends::BuiltApplication& application,
                   const deploy::sql::Database& database, Progress& progress);

    OpenDeployment deployment;
    deploy::sql::SchemaOutputs schema;
    deploy::Options engine;
    deploy::World world;
};

void add_migrate_apply(const Command& migrate);
void add_migrate_squash(const Command& migrate);

} // namespace nimbus::cli
