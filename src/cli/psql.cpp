#include "cli/psql.h"

#include "aws/client.h"
#include "base/error.h"
#include "base/hosts_file.h"
#include "deploy/kinds/sql/sql_session.h"
#include "process/child_process.h"
#include "sigv4/sigv4.h"

namespace nimbus::cli {

std::filesystem::path psql_program()
{
    if (const auto psql = process::find_program("psql"))
        return *psql;
    throw Error("psql is not installed", "Install postgresql-client, or pass statements with -c.");
}

std::map<std::string, std::string> psql_variables(const deploy::Target& target,
                                                  const deploy::sql::DatabaseOutput& database)
{
    std::map<std::string, std::string> variables{
        {"PGHOST", database.endpoint},
        {"PGPORT", std::to_string(database.port)},
        {"PGUSER", "admin"},
        {"PGDATABASE", "postgres"},
        {"PGPASSWORD",
         sigv4::dsql_token(database.endpoint, "DbConnectAdmin", target.client.credentials().keys,
                           target.region, std::chrono::minutes{15}, system_now())},
        {"PGSSLMODE", "verify-full"},
        {"PGSSLROOTCERT", deploy::sql::SqlSession::ca_file_or_system(target.ca_file)},
        {"PGOPTIONS", "-c search_path=" + database.schema}};
    if (const auto address = find_host(target.hosts_file, database.endpoint))
        variables["PGHOSTADDR"] = *address;
    return variables;
}

} // namespace nimbus::cli
