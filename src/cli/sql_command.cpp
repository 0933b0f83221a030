#include "base/error.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/outputs.h"
#include "cli/psql.h"
#include "cli/sql_text.h"
#include "cli/text_layout.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/output.h"
#include "deploy/kinds/sql/sql_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_quoted = 60;

struct Options {
    DeploymentOptions deployment;
    std::string name;
    std::vector<std::string> statements;
    bool json = false;
};

deploy::sql::DatabaseOutput chosen(const deploy::Outputs& outputs, const std::string& name)
{
    const auto& project = outputs.deployment.project;
    const auto databases = outputs.of<deploy::sql::DatabaseOutput>(deploy::sql::kind_name);
    if (databases.empty())
        throw Error(project + " has no database", "Declare one with app.sql(…) and deploy.");
    if (name.empty() && databases.size() == 1)
        return databases.front();
    std::string names;
    for (const auto& database : databases) {
        if (database.name == name)
            return database;
        names += (names.empty() ? "" : ", ") + database.name;
    }
    throw UsageError(name.empty() ? project + " has several databases"
                                  : "There is no database '" + name + "' in " + project,
                     "Name one of these: " + names + ".");
}

/// What to do about a failure; PostgreSQL's own hint is first.
std::string hint_for(const deploy::sql::SqlFailure& failure, const std::string& schema)
{
    if (!failure.hint().empty())
        return failure.hint();
    if (failure.sqlstate() == "42P01" || failure.sqlstate() == "42703")
        return "Names without a schema are looked for in '" + schema +
               "'. The command \\dt of 'nimbus sql' lists its tables.";
    return "Correct the statement; PostgreSQL's documentation explains the SQLSTATE.";
}

std::vector<deploy::sql::SqlSession::Result> run_statement(deploy::sql::SqlSession& session,
                                                           const std::string& statement,
                                                           const std::string& schema)
{
    try {
        return session.run(statement);
    } catch (const deploy::sql::SqlFailure& failure) {
        std::cout << std::flush;
        throw Error(fmt::format("The database refused '{}': {} (SQLSTATE {})",
                                shortened(statement, longest_quoted), failure.what(),
                                failure.sqlstate()),
                    hint_for(failure, schema));
    }
}

int run_statements(const Options& options, const deploy::Target& target,
                   const deploy::sql::DatabaseOutput& database, Progress& progress)
{
    progress.phase("Connecting to " + database.name);
    auto session = deploy::sql::connect(target, database.endpoint, Deadline::after(30s));
    progress.pause();
    session.query("SET search_path = " + quote_identifier(database.schema));
    json::array results;
    for (const auto& statement : options.statements)
        for (const auto& result : run_statement(session, statement, database.schema)) {
            if (options.json)
                results.push_back(to_json(result));
            else
                std::cout << describe(result);
        }
    if (options.json)
        print_json({{"results", std::move(results)}});
    return done;
}

/// Such as \dt: psql knows them, and the database does not.
bool is_command_of_psql(std::string_view statement)
{
    return trim(statement).starts_with('\\');
}

/// Becomes psql: its editing, history and backslash commands are what a person expects.
[[noreturn]] void become_psql(const deploy::Target& target,
                              const deploy::sql::DatabaseOutput& database,
                              const std::vector<std::string>& statements)
{
    const auto psql = psql_program();
    for (const auto& [name, value] : psql_variables(target, database))
        ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<std::string> arguments{"psql"};
    // A script ends with the first error, and the caller learns of it: psql's status is 3 then, and
    // 1 after a statement of -c.
    if (!statements.empty() || ::isatty(STDIN_FILENO) == 0)
        arguments.emplace_back("--set=ON_ERROR_STOP=1");
    for (const auto& statement : statements)
        arguments.push_back("--command=" + statement);
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(psql.c_str(), argv.data());
    throw_system_error(errno, "Cannot start psql");
}

int run(const Options& options, const Terminal& terminal)
{
    const auto for_psql = std::ranges::find_if(options.statements, is_command_of_psql);
    if (options.json && for_psql != options.statements.end())
        throw UsageError("--json prints what SQL gives, and '" + *for_psql +
                             "' is a command of psql",
                         "Leave out --json, or ask the tables of information_schema.");
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto& target = *deployment.target;
    const auto database = chosen(need_outputs(deployment), options.name);
    progress.pause();
    const bool is_for_psql = options.statements.empty() || for_psql != options.statements.end();
    if (is_for_psql && target.injected_fault)
        if (const auto fault = target.injected_fault(deploy::sql::SqlSession::login_fault);
            !fault.empty())
            progress.note(fault); // psql does not know
    if (is_for_psql)
        become_psql(target, database, options.statements);
    return run_statements(options, target, database, progress);
}

} // namespace

void add_sql(const Command& root)
{
    add_command<Options>(
        root, "sql", "Open a database as its administrator, with a token made for you",
        [](const Command& command, Options& options) {
            command.positional("NAME", options.name,
                               "The database, as the program names it (default: the only one)");
            declare_deployment(command, options.deployment);
            command.option("-c,--command", options.statements, "SQL",
                           "Run this and end; may be given several times, and be a "
                           "command of psql such as \\dt");
            command.flag("--json", options.json, "With -c: print one JSON object");
            command.needs("--json", "--command");
            command.examples({{"nimbus sql", "psql, connected"},
                              {"nimbus sql -c 'SELECT count(*) FROM users'", "one statement"},
                              {"nimbus sql main-db < schema.sql", "a file"}});
        },
        run);
}

} // namespace nimbus::cli
