#pragma once

#include "manifest/manifest.h"

#include <cstddef>
#include <string>
#include <string_view>

/// Names that follow from a manifest: one place, because the engine writes them and programs and
/// people read them.
namespace nimbus::manifest {

/// SQL and main-db give SQL_MAIN_DB. A name holds no underscore, so no two share a prefix.
std::string environment_prefix(std::string_view kind, std::string_view name);

/// "<project>-<stage>-<part>", shortened to `limit` characters where it must be: the end gives way
/// to a hash of the whole, so that different names stay different and the same name stays the same.
std::string resource_name(const Manifest& manifest, std::string_view part, std::size_t limit);

/// 64: Lambda's limit, and IAM's for roles.
std::string lambda_function_name(const Manifest& manifest, const Function& function);

/// Lambda's Handler, by which one artifact tells its functions apart: the function's name; for
/// Lambda's own runtimes an export of the file that holds it, index.<name>.
std::string lambda_handler(const Manifest& manifest, const Function& function);

} // namespace nimbus::manifest
