#pragma once

#include "base/json.h"

#include <filesystem>
#include <optional>

/// AWS's tools keep what a person signed in for in files of JSON below ~/.aws, and share them.
namespace nimbus::aws {

/// Nothing when there is no such file, or something else than an object in it: whoever signs in
/// again writes a new one.
std::optional<json::object> read_json_cache(const std::filesystem::path& file);

/// In one step, readable for its owner alone; makes the directory when it is not there.
void write_json_cache(const std::filesystem::path& file, const json::object& object);

} // namespace nimbus::aws
