#include "local/dsql/database_copies.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/text.h"

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::seconds patience{30};
/// Nobody connects to it: PostgreSQL copies no database that somebody is connected to.
constexpr const char* frozen = "nimbus_frozen";
/// PostgreSQL 14 and older copy files anyway, and have no word for it.
constexpr int first_version_with_strategies = 150'000;

} // namespace

DatabaseCopies::DatabaseCopies(std::filesystem::path socket_path, std::string superuser)
    : socket_path_(std::move(socket_path)), superuser_(std::move(superuser))
{
}

std::optional<std::string> DatabaseCopies::run(const std::string& statement)
{
    const auto deadline = Deadline::after(patience);
    if (!connection_)
        connection_.emplace(socket_path_, superuser_, deadline);
    try {
        return connection_->run(statement, deadline);
    } catch (const Error&) {
        connection_.reset(); // the server may have been started again
        throw;
    }
}

void DatabaseCopies::copy(const std::string& name, const std::string& original)
{
    const auto version = run("SELECT pg_catalog.current_setting('server_version_num')::int >= " +
                             std::to_string(first_version_with_strategies));
    const auto copied = quote_identifier(name);
    run("CREATE DATABASE " + copied + " TEMPLATE " + quote_identifier(original) +
        (version == "t" ? " STRATEGY file_copy" : ""));
    // A database's own privileges are not copied: see the bootstrap.
    run("REVOKE ALL ON DATABASE " + copied + " FROM PUBLIC; GRANT CONNECT ON DATABASE " + copied +
        " TO PUBLIC; GRANT CREATE ON DATABASE " + copied + " TO admin");
}

void DatabaseCopies::prepare()
{
    // What an earlier run of the cloud has left.
    const auto left = run("SELECT pg_catalog.string_agg(datname, ' ') FROM pg_catalog.pg_database "
                          "WHERE datname NOT IN ('postgres', 'template0', 'template1')")
                          .value_or("");
    for (const auto name : split(left, ' '))
        if (!name.empty())
            run("DROP DATABASE " + quote_identifier(name) + " WITH (FORCE)");
    for (const std::string setting : {"fsync", "full_page_writes", "synchronous_commit"})
        run("ALTER SYSTEM SET " + setting + " = off");
    run("SELECT pg_catalog.pg_reload_conf()");
    copy(frozen, "postgres");
    is_prepared_ = true;
}

void DatabaseCopies::make(const std::string& name)
{
    const MutexLock lock(mutex_);
    if (!is_prepared_)
        prepare();
    copy(name, frozen);
}

void DatabaseCopies::drop(const std::string& name)
{
    const MutexLock lock(mutex_);
    run("DROP DATABASE IF EXISTS " + quote_identifier(name) + " WITH (FORCE)");
}

} // namespace nimbus::local::dsql
