#pragma once

#include "manifest/parse.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::frontends {

/// Where the parts of a manifest were declared: "apis[0].routes[1]" -> "index.ts:20:5". The path ""
/// is the application's.
using Places = std::map<std::string, std::string>;

/// Of a JSON object; nothing when it is none, for places only help messages. Files below
/// `directory` are called as they are from there.
Places parse_places(std::string_view json_text, const std::filesystem::path& directory);

/// The problems, their paths preceded by the place of the nearest part that has one.
std::vector<manifest::Problem> with_places(std::vector<manifest::Problem> problems,
                                           const Places& places);

} // namespace nimbus::frontends
