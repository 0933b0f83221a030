#pragma once

#include <map>
#include <string>
#include <string_view>

namespace nimbus::aws {

/// Section → key, lower case → value. Source: AWS SDKs and Tools Reference Guide, "Shared config
/// and credentials files", "Format of the config file": lines that start with # or ; are comments.
/// The key of a nested (indented) setting has the one above it before it: `s3.endpoint_url`.
using IniFile = std::map<std::string, std::map<std::string, std::string>>;

/// Throws Error that names `path` and the line.
IniFile parse_ini(std::string_view text, const std::string& path);

} // namespace nimbus::aws
