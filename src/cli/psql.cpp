#include "cli/psql.h"

#include "aws/client.h"
#include "base/error.h"
#include "base/hosts_file.h"
#include "deploy/kinds/sql/sql_session.h"
#include "process/child_process.h"
#include "sigv4/sigv4.h"

#include <vector>

namespace nimbus::cli {
namespace {

/// Ours, with `variables`.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables)
{
    auto all = process::current_environment();
    std::erase_if(all, [&](const std::string& entry) {
        return variables.contains(entry.substr(0, entry.find('=')));
    });
    for (const auto& [name, value] : variables)
        all.push_back(name + '=' + value);
    return all;
}

} // namespace

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
        {"PGCONNECT_TIMEOUT", "30"}, // psql's own is none
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

void run_psql(const deploy::Target& target, const deploy::Outputs& outputs)
{
    const auto databases = outputs.of<deploy::sql::DatabaseOutput>(deploy::sql::kind_name);
    if (databases.empty())
        throw Error("The application has no database", "Declare one in the program and deploy it.");
    process::SpawnOptions psql;
    psql.arguments = {psql_program().string()};
    psql.environment = environment_with(psql_variables(target, databases.front()));
    psql.standard_input = process::Stream::inherit;
    psql.die_with_parent = true;
    process::ChildProcess::spawn(psql).wait(Deadline::never());
}

} // namespace nimbus::cli
