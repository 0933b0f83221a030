#pragma once

#include "cli/deployment.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/schema.h"

#include <optional>
#include <string>

/// What the subcommands of `nimbus migrate`, and `nimbus seed`, share.
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
std::optional<deploy::sql::SchemaOutputs> find_schema(const OpenDeployment& deployment,
                                                      const std::string& database);
/// Throws Error where it is not deployed.
deploy::sql::SchemaOutputs need_schema(const OpenDeployment& deployment,
                                       const std::string& database);

void add_migrate_apply(const Command& migrate);
void add_migrate_squash(const Command& migrate);

} // namespace nimbus::cli
