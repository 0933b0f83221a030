#pragma once

#include "deploy/kinds/sql/migration_script.h"

#include <boost/describe/class.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy::sql {

/// A file whose statements a squashed one holds.
struct ReplacedMigration {
    std::string name;
    std::string checksum; ///< see migration_squash.h

    bool operator==(const ReplacedMigration&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReplacedMigration, (), (name, checksum))

/// One step of a schema's life: 0001_users.sql.
struct Migration {
    std::string name; ///< of its file
    std::vector<MigrationStatement> statements;
    std::vector<ReplacedMigration> replaces; ///< of a squashed one

    bool operator==(const Migration&) const = default;
};

/// What the name of a migration begins with: 1 for "0001_users.sql"; nothing for a name that is
/// none of a migration.
std::optional<unsigned> number_of(std::string_view file_name);

/// The statements of a file that has that name. Its byte order mark and carriage returns are no
/// part of them. Throws Error that names file and line.
Migration parse_migration(const std::string& name, std::string saved);

/// All of a directory, in the order of their numbers. Files that do not end in ".sql" are not
/// looked at. Throws Error when the directory cannot be read, or a file in it is no migration.
std::vector<Migration> read_migrations(const std::filesystem::path& directory);

/// The statements of a seed, see seed.h. Throws Error that names file and line of what changes
/// anything but rows.
std::vector<MigrationStatement> read_seed(const std::filesystem::path& file);

/// Where the next one goes: "0003_<title>.sql" after 0002. Throws UsageError for a title that has
/// other characters than [a-z0-9_], Error behind 9999.
std::filesystem::path next_migration(const std::filesystem::path& directory,
                                     const std::string& title);

} // namespace nimbus::deploy::sql
