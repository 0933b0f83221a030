#include "deploy/kinds/sql/database.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/text.h"

#include <algorithm>
#include <thread>

namespace nimbus::deploy::sql {
namespace {

constexpr std::chrono::seconds connecting_limit{120};
constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{2'000};
constexpr int conflict_attempts = 12;

bool is_true(const SqlSession::Result& result, std::size_t column)
{
    const auto& value = result.rows.at(0).at(column);
    return value == "t" || value == "true" || value == "1";
}

/// For AWS IAM GRANT and REVOKE, whose grammar is DSQL's own. The manifest's pattern for schemas
/// makes sure that it needs no quotes.
std::string plain_identifier(const std::string& name)
{
    const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!plain)
        throw Error("'" + name + "' is not a name for a database role");
    return name;
}

void execute(World& world, SqlSession& session, const std::string& statement)
{
    change(world, session, statement);
}

/// Runs it unless what it makes is there already: a statement whose answer was lost is sent again.
void execute_once(World& world, SqlSession& session, const std::string& statement,
                  std::string_view duplicate_sqlstate)
{
    try {
        execute(world, session, statement);
    } catch (const SqlFailure& failure) {
        if (failure.sqlstate() != duplicate_sqlstate)
            throw;
    }
}

} // namespace

SqlSession connect(const Target& target, const std::string& endpoint, const Deadline& deadline)
{
    return SqlSession({.endpoint = endpoint,
                       .region = target.region,
                       .credentials = target.client.credentials(),
                       .ca_file = target.ca_file,
                       .hosts_file = target.hosts_file,
                       .deadline = deadline,
                       .injected_fault = target.injected_fault});
}

SqlSession connect(const World& world, const std::string& endpoint)
{
    return connect(world.target(), endpoint, Deadline::after(connecting_limit));
}

void change(World& world, const std::function<void()>& statements)
{
    auto pause = first_pause;
    for (int attempt = 1;; ++attempt) {
        try {
            world.change(statements);
            return;
        } catch (const SqlFailure& failure) {
            if (failure.sqlstate() != "40001" || attempt == conflict_attempts)
                throw;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

SqlSession::Result change(World& world, SqlSession& session, const std::string& statement,
                          const std::vector<std::string>& parameters)
{
    SqlSession::Result result;
    change(world, [&] { result = session.query(statement, parameters); });
    return result;
}

DatabaseFound look(SqlSession& session, const DatabaseNames& names)
{
    DatabaseFound found;
    const auto present = session.query(
        "SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1::text), "
        "(SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $2::text), "
        "(SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1::text AND "
        "tablename = $3::text)",
        {names.schema, names.role, std::string(ledger_table)});
    found.schema = is_true(present, 0);
    found.role = is_true(present, 1);
    found.ledger = is_true(present, 2);
    if (!found.role)
        return found;
    if (found.schema)
        found.privileges =
            is_true(session.query("SELECT has_schema_privilege($2::name, $1::text, 'USAGE') AND "
                                  "has_schema_privilege($2::name, $1::text, 'CREATE') AND "
                                  "pg_has_role($2::name, 'MEMBER')",
                                  {names.schema, names.role}),
                    0);
    const auto mappings = session.query(
        "SELECT arn FROM sys.iam_pg_role_mappings WHERE pg_role_name = $1::text", {names.role});
    for (const auto& row : mappings.rows)
        if (row.at(0))
            found.mapped_arns.insert(*row.at(0));
    return found;
}

std::set<std::string> schemas_in(SqlSession& session)
{
    const auto present = session.query(
        "SELECT nspname FROM pg_catalog.pg_namespace AS n "
        "WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'sys') AND "
        "(nspname <> 'public' OR EXISTS "
        "(SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = n.oid))");
    std::set<std::string> names;
    for (const auto& row : present.rows)
        names.insert(row.at(0).value());
    return names;
}

void establish_schema(World& world, SqlSession& session, const DatabaseNames& names,
                      const DatabaseFound& found)
{
    const auto schema = quote_identifier(names.schema);
    const auto role = quote_identifier(names.role);
    if (!found.schema)
        execute_once(world, session, "CREATE SCHEMA " + schema, "42P06");
    if (!found.role)
        execute_once(world, session, "CREATE ROLE " + role + " WITH LOGIN", "42710");
    if (found.privileges)
        return;
    // What a person makes as admin is the application's, too.
    for (const std::string kind : {"TABLES", "SEQUENCES"})
        execute(world, session,
                "ALTER DEFAULT PRIVILEGES IN SCHEMA " + schema + " GRANT ALL ON " + kind + " TO " +
                    role);
    execute(world, session, "GRANT " + role + " TO admin");
    // Last, for this is what `look` finds: when it is there, all of it is.
    execute(world, session, "GRANT USAGE, CREATE ON SCHEMA " + schema + " TO " + role);
}

void map_role(World& world, SqlSession& session, const DatabaseNames& names, const std::string& arn)
{
    execute(world, session,
            "AWS IAM GRANT " + plain_identifier(names.role) + " TO " + quote_literal(arn));
}

void unmap_role(World& world, SqlSession& session, const DatabaseNames& names,
                const std::string& arn)
{
    execute(world, session,
            "AWS IAM REVOKE " + plain_identifier(names.role) + " FROM " + quote_literal(arn));
}

void drop_schema(World& world, SqlSession& session, const DatabaseNames& names)
{
    const auto found = look(session, names);
    for (const auto& arn : found.mapped_arns)
        unmap_role(world, session, names, arn);
    if (found.schema)
        execute(world, session,
                "DROP SCHEMA IF EXISTS " + quote_identifier(names.schema) + " CASCADE");
    if (found.role)
        execute(world, session, "DROP ROLE IF EXISTS " + quote_identifier(names.role));
}

} // namespace nimbus::deploy::sql
