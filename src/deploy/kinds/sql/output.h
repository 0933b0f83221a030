#pragma once

#include <boost/describe/class.hpp>

#include <optional>
#include <string>

namespace nimbus::deploy::sql {

inline constexpr const char* kind_name = "sql";

/// A deployed database, as `deploy --json` prints it.
struct DatabaseOutput {
    std::string name; ///< as declared
    std::string identifier;
    std::string endpoint;
    /// For libpq beside the endpoint, where DNS does not know it.
    std::optional<std::string> hostaddr{};
    int port = 5432;
    std::string arn;
    std::string schema;
    std::string db_role;
};
BOOST_DESCRIBE_STRUCT(DatabaseOutput, (),
                      (name, identifier, endpoint, hostaddr, port, arn, schema, db_role))

} // namespace nimbus::deploy::sql
