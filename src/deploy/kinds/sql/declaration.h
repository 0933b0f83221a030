#pragma once

#include "deploy/application.h"
#include "deploy/kinds/sql/migration_files.h"
#include "manifest/section.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A SQL database: an Aurora DSQL cluster, the application's schema in it, and the database role of
/// its functions.
namespace nimbus::deploy::sql {

/// As a program declares it.
struct Database {
    std::string name;                   ///< [a-z][a-z0-9-]{0,31}
    std::string schema;                 ///< a PostgreSQL identifier: [a-z_][a-z0-9_]{0,54}
    bool deletion_protection = true;    ///< DSQL's own default
    std::optional<std::string> cluster; ///< the shared cluster's name, where sharing is asked for
    /// The directory of its migrations, relative to the project's.
    std::optional<std::string> migrations_directory;
    std::vector<Migration> migrations;    ///< what lies in that
    std::optional<std::string> seed_file; ///< relative to the project's directory
    std::vector<MigrationStatement> seed; ///< what that holds

    bool operator==(const Database&) const = default;
};

/// "sql" in the manifest.
manifest::Section section();

/// Nothing when the manifest declares none of that name.
const Database* find(const manifest::Manifest& manifest, std::string_view name);

/// lambda_<schema>: at most 62 of the 63 bytes of a PostgreSQL identifier.
std::string database_role(std::string_view schema);

/// Where a database is, once it exists.
struct Location {
    std::string endpoint;
    std::string identifier;
    std::string arn;
};

/// Where one will be, in the lengths of its texts. `account_id` has 12 digits.
Location expected_location(const std::string& region, const std::string& account_id);

/// The five variables that every function using `database` finds in its environment:
/// SQL_<NAME>_ENDPOINT, _IDENTIFIER, _SCHEMA, _DB_ROLE, _ARN.
std::map<std::string, std::string> environment(const Database& database, const Location& location);

} // namespace nimbus::deploy::sql
