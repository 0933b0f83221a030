#include "deploy/kinds/sql/database.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "deploy/resource.h"

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

/// `what` was not there a moment ago: who makes it at the same time makes it for themselves. Throws
/// NotOurs then.
void create(World& world, SqlSession& session, const std::string& what,
            const std::string& statement, std::string_view duplicate_sqlstate)
{
    try {
        execute(world, session, statement);
    } catch (const SqlFailure& failure) {
        if (failure.sqlstate() != duplicate_sqlstate)
            throw;
        throw NotOurs("The " + what + " was made by somebody else at the same time",
                      "Choose another schema for this application.");
    }
}

/// Its rights in its own schema are gone with that; others somebody granted by hand.
void drop_role(World& world, SqlSession& session, const std::string& role)
{
    try {
        execute(world, session, "DROP ROLE IF EXISTS " + quote_identifier(role));
    } catch (const SqlFailure& failure) {
        if (failure.sqlstate() != "2BP01")
            throw;
        throw Error("The database role " + role +
                        " has rights or owns something outside its schema: " + failure.what(),
                    "Somebody granted or gave it that by hand. REVOKE it, or drop what the role "
                    "owns there, with 'nimbus sql' or as admin. Then run the command again.");
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

namespace {

/// What a list of access privileges, "{admin=arwdDxt/admin,lambda_shop=arwd/admin}", has for the
/// role. Source: PostgreSQL's documentation, "Privileges", the ACL abbreviations.
std::string_view privileges_in(std::string_view list, const std::string& role)
{
    for (const auto entry : split(list.substr(std::min<std::size_t>(1, list.size())), ',')) {
        const auto equals = entry.find('=');
        if (entry.substr(0, equals) == role && equals != std::string_view::npos)
            return entry.substr(equals + 1, entry.find('/') - equals - 1);
    }
    return {};
}

/// Those that ALTER DEFAULT PRIVILEGES gave it, of what admin makes in the schema.
bool has_default_privileges(SqlSession& session, const DatabaseNames& names)
{
    const auto lists = session.query(
        "SELECT d.defaclobjtype::text, d.defaclacl::text FROM pg_catalog.pg_default_acl AS d "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace "
        "JOIN pg_catalog.pg_roles AS r ON r.oid = d.defaclrole "
        "WHERE n.nspname = $1::text AND r.rolname = 'admin'",
        {names.schema});
    const auto has_all = [&](std::string_view kind, std::string_view wanted) {
        return std::ranges::any_of(lists.rows, [&](const auto& row) {
            const auto list = row.at(1).value_or("");
            const auto granted = privileges_in(list, names.role);
            return row.at(0) == kind && std::ranges::all_of(wanted, [&](char one) {
                       return granted.find(one) != std::string_view::npos;
                   });
        });
    };
    return has_all("r", "arwd") && has_all("S", "rwU");
}

} // namespace

DatabaseFound look(SqlSession& session, const DatabaseNames& names)
{
    DatabaseFound found;
    const auto present = session.query(
        "SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1::text), "
        "(SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $2::text), "
        "(SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1::text AND "
        "tablename = $3::text), "
        "(SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $2::text AND rolcanlogin)",
        {names.schema, names.role, std::string(ledger_table)});
    found.schema = is_true(present, 0);
    found.role = is_true(present, 1);
    found.ledger = is_true(present, 2);
    found.login = is_true(present, 3);
    if (!found.role)
        return found;
    if (found.schema)
        found.default_privileges = has_default_privileges(session, names);
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
        create(world, session, "schema '" + names.schema + "'", "CREATE SCHEMA " + schema, "42P06");
    if (!found.role)
        create(world, session, "database role '" + names.role + "'",
               "CREATE ROLE " + role + " WITH LOGIN", "42710");
    else if (!found.login)
        execute(world, session, "ALTER ROLE " + role + " WITH LOGIN");
    // What a person makes as admin is the application's, too.
    if (!found.default_privileges)
        for (const std::string kind : {"TABLES", "SEQUENCES"})
            execute(world, session,
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA " + schema + " GRANT ALL ON " + kind +
                        " TO " + role);
    if (found.privileges)
        return;
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
        drop_role(world, session, names.role);
}

} // namespace nimbus::deploy::sql
