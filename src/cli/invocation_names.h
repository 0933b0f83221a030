#pragma once

#include "deploy/outputs.h"

#include <map>
#include <string>

namespace nimbus::cli {

/// What is asked for where a function is invoked, by its name: "GET /users" for one with one route.
/// Others are not in it.
std::map<std::string, std::string> invocation_names(const deploy::Outputs& outputs);

} // namespace nimbus::cli
