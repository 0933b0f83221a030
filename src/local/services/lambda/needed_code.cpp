#include "local/services/lambda/needed_code.h"

#include "local/services/blob_store.h"
#include "local/services/lambda/function_registry.h"

namespace nimbus::local {

std::vector<NeededFile> needed_code(sqlite::Database& database,
                                    const std::filesystem::path& directory)
{
    std::vector<NeededFile> needed;
    for (const auto& record : FunctionRegistry(database, {}).all())
        needed.push_back({.owner = "the function " + record.function->arn,
                          .path = BlobStore::path_in(directory, record.function->code_sha256),
                          .size = static_cast<std::uint64_t>(record.code_bytes),
                          .sha256 = record.function->code_sha256});
    return needed;
}

} // namespace nimbus::local
