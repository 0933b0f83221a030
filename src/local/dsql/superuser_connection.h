#pragma once

#include "local/dsql/database_connection.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local::dsql {

/// A connection of the database's superuser, with nothing but pg_catalog in the search path: what a
/// cluster's roles have made is not found by its name.
class SuperuserConnection {
public:
    /// Throws Error, as `run` does, with nothing but the reason.
    SuperuserConnection(const std::filesystem::path& socket_path, const std::string& superuser,
                        const Deadline& deadline, const std::string& database = "postgres");

    /// The last row's first value; of several statements, which are one transaction.
    std::optional<std::string> run(std::string_view text) { return run(text, deadline_); }
    /// By another deadline than that of the constructor, for a connection that is kept.
    std::optional<std::string> run(std::string_view text, const Deadline& deadline);

private:
    Deadline deadline_;
    DatabaseConnection connection_;
};

} // namespace nimbus::local::dsql
