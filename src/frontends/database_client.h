#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// The package that a database of app.SQL(…) queries with.
inline constexpr const char* database_client = "pg";

/// A sentence for each of the author's `sources` that queries such a database, beginning with the
/// place: for programs that lack the package. By their words, without parsing them.
std::vector<std::string> warnings_of_queries(const std::vector<std::filesystem::path>& sources,
                                             const std::filesystem::path& project);

} // namespace nimbus::frontends
