#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace nimbus::aws {

/// Environment variables, injectable: tests give a map, main the process's own. Set but empty
/// counts as not set, as in AWS's SDKs.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment process_environment();
Environment fixed_environment(std::map<std::string, std::string> variables);

/// `path` with HOME's value for a leading `~`.
std::string expand_home(std::string path, const Environment& environment);

} // namespace nimbus::aws
