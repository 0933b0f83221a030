#include "cli/databases_of_tests.h"

#include "base/error.h"
#include "cli/cluster_copies.h"

namespace nimbus::cli {

TestDatabases::TestDatabases(const aws::Client& local, TestTemplate from)
    : local_(local), from_(std::move(from)), common_(make_with(&credentials_))
{
}

TestDatabases::~TestDatabases()
{
    std::map<std::string, std::vector<std::string>> left;
    {
        const MutexLock lock(mutex_);
        left.swap(schemas_);
    }
    for (const auto& [name, copies] : left)
        for (const auto& copy : copies) {
            try {
                local_.call(RemoveClusterCopy{.identifier = copy});
            } catch (const Error&) {
                // The cloud stops, or removes it when this process has ended.
            }
        }
}

TestSchema TestDatabases::make()
{
    return make_with(nullptr);
}

TestSchema TestDatabases::make_with(sigv4::Credentials* credentials)
{
    TestSchema schema;
    std::vector<std::string> copies;
    for (const auto& database : from_.databases) {
        const auto copy = local_.call(CopyCluster{
            .cluster = database.cluster, .role = credentials != nullptr ? from_.role_arn : ""});
        if (copy.credentials)
            *credentials = *copy.credentials;
        copies.push_back(copy.identifier);
        schema.endpoints[database.declared.name] = copy.endpoint;
        schema.variables.merge(deploy::sql::environment(
            database.declared,
            {.endpoint = copy.endpoint, .identifier = copy.identifier, .arn = database.arn}));
    }
    schema.name = copies.front();
    const MutexLock lock(mutex_);
    schemas_[schema.name] = std::move(copies);
    return schema;
}

bool TestDatabases::remove(const std::string& name)
{
    std::vector<std::string> copies;
    {
        const MutexLock lock(mutex_);
        auto node = schemas_.extract(name);
        if (node.empty())
            return false;
        copies = std::move(node.mapped());
    }
    for (const auto& copy : copies)
        local_.call(RemoveClusterCopy{.identifier = copy});
    return true;
}

} // namespace nimbus::cli
