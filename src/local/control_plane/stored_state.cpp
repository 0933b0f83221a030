#include "local/control_plane/stored_state.h"

#include "base/arn.h"
#include "local/services/lambda/function_registry.h"
#include "local/services/lambda/needed_code.h"
#include "local/services/s3/needed_objects.h"
#include "local/services/secretsmanager/secrets_key.h"

#include <algorithm>
#include <iterator>

namespace nimbus::local {
std::vector<NeededFile> needed_files(sqlite::Database& database,
                                     const std::filesystem::path& directory)
{
    auto files = needed_objects(database, directory / objects_directory);
    std::ranges::move(needed_code(database, directory / code_directory), std::back_inserter(files));
    return files;
}

std::vector<StoredCluster> clusters_with_data(sqlite::Database& database)
{
    return stored_clusters_with_data(database);
}

void give_cluster_up(sqlite::Database& database, const std::string& id)
{
    mark_cluster_failed(database, id);
}

std::string fault_of_secrets_key(sqlite::Database& database, const std::filesystem::path& directory)
{
    return fault_of_secrets(database, directory / secrets_key_file);
}

std::optional<std::string> account_of_names(sqlite::Database& database)
{
    for (const auto& record : FunctionRegistry(database, {}).all())
        if (const auto arn = Arn::parse(record.function->arn))
            return arn->account;
    return {};
}

} // namespace nimbus::local
