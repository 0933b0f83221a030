#pragma once

#include "deploy/outputs.h"

#include <map>
#include <optional>
#include <string>

namespace nimbus::cli {

/// What is asked for where a function is invoked, by its name: "GET /users" for one with one route.
/// Others are not in it.
std::map<std::string, std::string> invocation_names(const deploy::Outputs& outputs);

/// The function that a route such as "GET /users/{id}" calls; nothing when there is none.
std::optional<std::string> function_of_route(const deploy::Outputs& outputs,
                                             const std::string& route);

} // namespace nimbus::cli
