#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Routes of an HTTP API: API Gateway Developer Guide, "Create routes for HTTP APIs in API
/// Gateway".
namespace nimbus::detail {

using PathParameters = std::vector<std::pair<std::string, std::string>>;

/// The function behind a route: "GET", "/users/{id}/posts" gives get-users-id-posts.
std::string function_name(std::string_view method, std::string_view path);

/// The parameters' values, percent-decoded, when `path` is one that `route` takes. "$default" takes
/// every path.
std::optional<PathParameters> match_path(std::string_view route, std::string_view path);

/// Is `a` the better route of two that match the same path? As API Gateway has it ("Routing API
/// requests" on the page above): one that matches in full, then one with {name+}, then $default;
/// within these, at the first segment where they differ, a literal before {name}; then a method
/// before ANY.
bool more_specific(std::string_view a_method, std::string_view a_path, std::string_view b_method,
                   std::string_view b_path);

} // namespace nimbus::detail
