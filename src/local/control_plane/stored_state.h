#pragma once

#include "local/services/dsql/stored_clusters.h"
#include "local/services/needed_file.h"
#include "sqlite/database.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What the services keep, for whoever checks or copies a home without running the cloud.
namespace nimbus::local {

/// The first such number that the tables had; it counts up when an earlier Nimbus could no longer
/// work with them. Files that lack it were made before there was one.
inline constexpr sqlite::Format database_format{.application = 0x4e696d62, // "Nimb"
                                                .version = 1};

/// Below the directory of ControlPlaneOptions.
inline constexpr const char* objects_directory = "objects";
inline constexpr const char* code_directory = "functions";
inline constexpr const char* secrets_key_file = "secrets.key";

/// `directory` is that of ControlPlaneOptions; `database` outlives the result.
std::vector<NeededFile> needed_files(sqlite::Database& database,
                                     const std::filesystem::path& directory);

/// The database clusters whose data is there when all is well.
std::vector<StoredCluster> clusters_with_data(sqlite::Database& database);
/// Has the cloud start without trying to serve this cluster's data.
void give_cluster_up(sqlite::Database& database, const std::string& id);

/// Why the values of the secrets cannot be decrypted, as a sentence without its full stop; empty
/// when they can be, or when there are none.
std::string fault_of_secrets_key(sqlite::Database& database,
                                 const std::filesystem::path& directory);

/// The account that the stored names belong to, if any of them tells.
std::optional<std::string> account_of_names(sqlite::Database& database);

} // namespace nimbus::local
