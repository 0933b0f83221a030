#include "local/dsql/backup.h"

#include "base/error.h"

namespace nimbus::local::dsql {
namespace {

/// The beginning waits for a checkpoint, and the end for the copy.
constexpr std::chrono::minutes patience{30};

} // namespace

Backup::Backup(const std::filesystem::path& socket_path, const std::string& superuser)
    : connection_(socket_path, superuser, Deadline::after(patience))
{
    connection_.run("SELECT pg_create_physical_replication_slot('nimbus_backup', true, true)");
    connection_.run("SELECT pg_backup_start('nimbus', true)");
}

std::string Backup::finish()
{
    auto label = connection_.run("SELECT labelfile FROM pg_backup_stop(false)");
    if (!label)
        throw Error("PostgreSQL made no label for the backup");
    return std::move(*label);
}

} // namespace nimbus::local::dsql
