#pragma once

#include <filesystem>
#include <string>

/// How a cluster's data is carried over to another major version of PostgreSQL: what its objects'
/// dump does not hold. Both servers run; functions throw Error. Nothing that the cluster's roles
/// have made runs with the superuser's rights meanwhile.
namespace nimbus::local::dsql {

/// The schema that `bootstrap_cluster` makes.
inline constexpr const char* system_schema = "sys";

/// Bootstraps the new server and makes the roles in it that the old one has, with their
/// memberships, settings, comments and IAM mappings. Functions made there from now on have the
/// rights of their owners, until `verify_carried_over`.
void prepare_carried_over(const std::filesystem::path& old_socket,
                          const std::filesystem::path& new_socket, const std::string& superuser);

/// Compares tables, their rows' number, views, indexes, sequences and functions of both.
void verify_carried_over(const std::filesystem::path& old_socket,
                         const std::filesystem::path& new_socket, const std::string& superuser);

} // namespace nimbus::local::dsql
