#pragma once

#include "base/mutex.h"
#include "local/dsql/superuser_connection.h"

#include <filesystem>
#include <optional>
#include <string>

namespace nimbus::local::dsql {

/// Copies of a cluster's database, each a database of the same server: with the same schemas,
/// owners, privileges, IAM mappings and rows. Roles are the server's, and so all copies have them.
/// Thread-safe.
///
/// A copy is made of files (PostgreSQL's STRATEGY file_copy), which takes some 20 ms when nothing
/// waits for the disk. So the server's fsync is switched off for good with the first copy: what it
/// holds survives the end of its process, and a power failure may damage it.
class DatabaseCopies {
public:
    /// What copies are made of is the database as it is when the first one is made.
    DatabaseCopies(std::filesystem::path socket_path, std::string superuser);

    /// `name`: of a database, [a-z0-9_]. Throws Error, such as while somebody is connected to the
    /// cluster's own database and the first copy is made.
    void make(const std::string& name) NIMBUS_EXCLUDES(mutex_);
    /// Ends the sessions in it. Throws Error.
    void drop(const std::string& name) NIMBUS_EXCLUDES(mutex_);

private:
    void prepare() NIMBUS_REQUIRES(mutex_);
    std::optional<std::string> run(const std::string& statement) NIMBUS_REQUIRES(mutex_);
    void copy(const std::string& name, const std::string& original) NIMBUS_REQUIRES(mutex_);

    const std::filesystem::path socket_path_;
    const std::string superuser_;
    Mutex mutex_;
    std::optional<SuperuserConnection> connection_ NIMBUS_GUARDED_BY(mutex_);
    bool is_prepared_ NIMBUS_GUARDED_BY(mutex_) = false;
};

} // namespace nimbus::local::dsql
