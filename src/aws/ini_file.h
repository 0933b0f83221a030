#pragma once

#include <map>
#include <string>
#include <string_view>

namespace nimbus::aws {

/// Section → key, lower case → value, which may have several lines. As botocore reads it, by the
/// RawConfigParser of Python's configparser: `=` or `:` ends a key; lines that start with # or ;
/// are comments; a line that is indented deeper than its key continues the value; the section
/// [DEFAULT] speaks for all others. The key of a nested setting, which stands in a value that
/// begins on the line below its key, has that key before it: `s3.endpoint_url`. Where botocore
/// refuses a section or a key that is there twice, the last one counts.
using IniFile = std::map<std::string, std::map<std::string, std::string>>;

/// Throws Error that names `path` and the line.
IniFile parse_ini(std::string_view text, const std::string& path);

} // namespace nimbus::aws
