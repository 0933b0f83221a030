#include "base/error.h"
#include "base/sql_text.h"
#include "cli/command.h"
#include "cli/databases_of_tests.h"
#include "cli/deployment.h"
#include "cli/outputs.h"
#include "cli/statement_checker.h"
#include "frontends/author_sources.h"

#include <fmt/core.h>

#include <iostream>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using deploy::sql::SqlSession;

struct Options {
    ApplicationOptions application;
    bool nulls = false, verbose = false, json = false;
};

/// As the functions connect.
SqlSession connect(const OpenTarget& local, const TestDatabases& databases,
                   const deploy::sql::Database& database)
{
    SqlSession session({.endpoint = databases.common().endpoints.at(database.name),
                        .region = local->region,
                        .user = deploy::sql::database_role(database.schema),
                        .credentials = {.keys = databases.credentials()},
                        .ca_file = local->ca_file,
                        .hosts_file = local->hosts_file,
                        .deadline = Deadline::after(30s),
                        .injected_fault = local->injected_fault});
    session.query("SET search_path = " + quote_identifier(database.schema));
    return session;
}

frontends::Sources need_sources(const frontends::BuiltApplication& application)
{
    auto sources = frontends::sources_of(application);
    if (sources.empty())
        throw UsageError(application.file.filename().string() +
                             " has no sources that could be checked",
                         "Name the source that the program is built from: nimbus check main.cpp.");
    return sources;
}

StatementReport report_on(const Options& options, const frontends::BuiltApplication& application,
                          Progress& progress)
{
    const auto sources = need_sources(application);
    const auto local = OpenTarget::open({}, application.manifest.region, &progress);
    const auto from = prepare_test_template(application, Seeds::left_out, *local,
                                            engine_options(progress, *local));
    progress.phase("Checking the statements");
    const TestDatabases databases(local->client, from);
    std::map<std::string, SqlSession> sessions;
    for (const auto& database : from.databases)
        sessions.emplace(database.declared.name, connect(local, databases, database.declared));
    return StatementChecker(sessions, options.nulls).check(sources);
}

/// As seen from here, if it lies below.
std::string shown(const std::filesystem::path& file)
{
    const auto relative = file.lexically_relative(std::filesystem::current_path());
    return relative.empty() || *relative.begin() == ".." ? file.string() : relative.string();
}

template <class Placed>
std::string place_of(const Placed& placed)
{
    return fmt::format("{}:{}:{}", shown(placed.file), placed.place.line, placed.place.column);
}

template <class Placed>
json::object json_of(const Placed& placed)
{
    return {
        {"file", shown(placed.file)}, {"line", placed.place.line}, {"column", placed.place.column}};
}

std::string statements(std::size_t count)
{
    return fmt::format("{} statement{}", count, count == 1 ? "" : "s");
}

void print(const StatementReport& report, bool verbose)
{
    for (const auto& finding : report.findings) {
        std::cout << place_of(finding) << ": " << finding.message;
        if (!finding.sqlstate.empty())
            std::cout << " (SQLSTATE " << finding.sqlstate << ')';
        std::cout << '\n';
        if (!finding.hint.empty())
            std::cout << "    " << finding.hint << '\n';
    }
    if (verbose)
        for (const auto& each : report.unchecked)
            std::cout << place_of(each) << ": not checked: " << each.reason << '\n';
    std::cout << "Checked " << statements(report.checked) << ": "
              << (report.findings.empty() ? "all fit."
                  : report.findings.size() == 1
                      ? "1 mistake."
                      : std::to_string(report.findings.size()) + " mistakes.");
    if (!report.unchecked.empty())
        std::cout << ' ' << statements(report.unchecked.size()) << " could not be checked"
                  << (verbose ? "." : ": --verbose names them.");
    std::cout << '\n';
}

void print_as_json(const StatementReport& report)
{
    json::array findings, unchecked;
    for (const auto& finding : report.findings) {
        auto object = json_of(finding);
        object["message"] = finding.message;
        object["hint"] = finding.hint;
        object["sqlstate"] = finding.sqlstate;
        findings.push_back(std::move(object));
    }
    for (const auto& each : report.unchecked) {
        auto object = json_of(each);
        object["reason"] = each.reason;
        unchecked.push_back(std::move(object));
    }
    print_json({{"checked", report.checked},
                {"findings", std::move(findings)},
                {"unchecked", std::move(unchecked)}});
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_once_for_development(options.application, progress);
    const auto report = report_on(options, application, progress);
    progress.pause();
    if (options.json)
        print_as_json(report);
    else
        print(report, options.verbose);
    return report.findings.empty() ? done : failed;
}

} // namespace

void add_check(const Command& root)
{
    add_command<Options>(
        root, "check", "Compare the program's SQL with the schema that the migrations make",
        [](const Command& command, Options& options) {
            command.positional_or_option("FILE", "--file", options.application.file,
                                         "The application (default: this directory's)");
            command.takes_file("FILE");
            command.flag(
                "--nulls", options.nulls,
                "Also find columns that may be NULL where the program has no place for that");
            command.flag("--verbose", options.verbose,
                         "Name the statements that cannot be checked");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples(
                {{"nimbus check", "file, line and reason of what does not fit; then exit code 1"},
                 {"nimbus check --verbose", "also what is made at run time"}});
        },
        run);
}

} // namespace nimbus::cli
