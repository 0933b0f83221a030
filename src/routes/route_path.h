#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// The grammar of an HTTP API's routes, for those who declare and those who check declarations.
/// Source: API Gateway Developer Guide, "Create routes for HTTP APIs in API Gateway".
namespace nimbus::routes {

inline constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                         "DELETE", "HEAD", "OPTIONS", "ANY"};

/// The path of the route that takes what no other route takes.
inline constexpr std::string_view default_path = "$default";

struct Segment {
    /// In the order of their precedence.
    enum class Kind { literal, parameter, greedy };
    Kind kind;
    std::string_view text; ///< the literal, or the parameter's name
};

/// `path` with its parameters in braces: /users/:id is another way to write /users/{id}, and
/// /files/:path+ to write /files/{path+}.
std::string normalized(std::string_view path);

/// What stands between the slashes; views into `path`, which begins with one.
std::vector<Segment> segments_of(std::string_view path);

/// "" when `path` is a route's path, else what is wrong with it: "must begin with /".
std::string path_mistake(std::string_view path);

/// `path` with the parameters' names taken out: routes with equal shapes match the same requests.
std::string path_shape(std::string_view path);

} // namespace nimbus::routes
