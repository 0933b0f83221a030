#pragma once

#include "deploy/kinds/sql/output.h"
#include "deploy/outputs.h"
#include "deploy/target.h"

#include <filesystem>
#include <map>
#include <string>

/// psql, connected to a database as its administrator.
namespace nimbus::cli {

/// Throws Error when it is not installed.
std::filesystem::path psql_program();

/// What it finds its database by, and signs in with (PostgreSQL documentation, "Environment
/// Variables"). The token in it is good for 15 minutes.
std::map<std::string, std::string> psql_variables(const deploy::Target& target,
                                                  const deploy::sql::DatabaseOutput& database);

/// Runs it for the deployment's first database until the person leaves it. Throws Error when there
/// is none.
void run_psql(const deploy::Target& target, const deploy::Outputs& outputs);

} // namespace nimbus::cli
