#pragma once

#include "local/dsql/superuser_connection.h"

#include <filesystem>
#include <string>

namespace nimbus::local::dsql {

/// PostgreSQL's backup mode, from the constructor to `finish`: what is copied of its data directory
/// meanwhile, and its write-ahead log after that, are a backup. The log is held for as long as this
/// lives. Source: PostgreSQL 16, "Making a Base Backup Using the Low Level API".
class Backup {
public:
    /// Throws Error.
    Backup(const std::filesystem::path& socket_path, const std::string& superuser);

    /// Returns what belongs into the copy's file `backup_label`. Throws Error.
    std::string finish();

private:
    SuperuserConnection connection_;
};

} // namespace nimbus::local::dsql
