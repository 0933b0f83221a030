#pragma once

#include <boost/describe/class.hpp>

#include <string>

namespace nimbus::deploy::sql {

inline constexpr const char* kind_name = "sql";

/// A deployed database, as `deploy --json` prints it.
struct DatabaseOutput {
    std::string name; ///< as declared
    std::string identifier;
    std::string endpoint;
    int port = 5432;
    std::string arn;
    std::string schema;
    std::string db_role;
};
BOOST_DESCRIBE_STRUCT(DatabaseOutput, (), (name, identifier, endpoint, port, arn, schema, db_role))

} // namespace nimbus::deploy::sql
