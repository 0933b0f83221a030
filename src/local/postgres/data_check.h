#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::local::postgres {

/// Why a server could not start on the data in its directory, as a sentence that names the file;
/// empty when nothing is seen. Reads pg_control and the write-ahead log's last checkpoint, which
/// takes well below a millisecond; a server may run meanwhile.
std::string fault_of_data(const std::filesystem::path& directory);

/// Reads all tables and indexes and says which files hold pages that PostgreSQL did not write. No
/// server may run: it would be met while it writes.
std::vector<std::string> faults_of_pages(const std::filesystem::path& directory);

} // namespace nimbus::local::postgres
