#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/database_template.h"
#include "cli/migrate.h"
#include "cli/migration_trial.h"
#include "cli/outputs.h"
#include "cli/statement_check.h"
#include "cli/text_layout.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_apply.h"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>

namespace nimbus::cli {
namespace {

using deploy::sql::Database;
using deploy::sql::MigrationStanding;
using namespace std::chrono_literals;

struct Options : MigrateOptions {
    std::string title;
};

// --- new ----------------------------------------------------------------------------------------

int create(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_declarations(options.application, progress);
    const auto& database = chosen_database(application.manifest, options.database);
    progress.pause();
    const auto directory = application.directory / *database.migrations_directory;
    const auto file = deploy::sql::next_migration(directory, options.title);
    make_directories(directory);
    write_file(file, "-- Statements of SQL, each applied once by 'nimbus deploy'.\n");
    const auto shown = file.lexically_relative(std::filesystem::current_path()).string();
    if (options.json)
        print_json({{"file", file.string()}});
    else
        std::cout << "Made " << shown << ". Write statements into it; 'nimbus migrate check' looks "
                  << "at them.\n";
    return done;
}

// --- check --------------------------------------------------------------------------------------

struct Finding {
    std::string directory, file;
    int line = 0;
    std::string refusal;
};

std::vector<Finding> findings_in(const Database& database)
{
    std::vector<Finding> findings;
    for (const auto& migration : database.migrations)
        for (const auto& statement : migration.statements)
            if (auto refusal = statement.is_unchecked ? "" : refusal_of_statement(statement.text);
                !refusal.empty())
                findings.push_back({*database.migrations_directory, migration.name,
                                    static_cast<int>(statement.line), std::move(refusal)});
    return findings;
}

/// ", but for 2 that say 'nimbus: unchecked'"; "" where there are none.
std::string exceptions_in(const Database& database)
{
    std::size_t count = 0;
    for (const auto& migration : database.migrations)
        count += static_cast<std::size_t>(std::ranges::count_if(
            migration.statements, &deploy::sql::MigrationStatement::is_unchecked));
    return count == 0 ? ""
                      : fmt::format(", but for {} that {} 'nimbus: unchecked'", count,
                                    count == 1 ? "says" : "say");
}

/// What a trial found, or why there could be none.
struct Trial {
    std::vector<Finding> findings;
    std::string why_not;
};

Trial trial_of(const frontends::BuiltApplication& application, Progress& progress)
{
    try {
        try_migrations(application, progress);
        return {};
    } catch (const deploy::Stopped&) {
        throw;
    } catch (const RefusedMigration& refused) {
        const auto& database = *deploy::sql::find(application.manifest, refused.database());
        return {.findings = {{*database.migrations_directory, refused.step().file,
                              refused.step().line, refused.refusal().reason}},
                .why_not = {}};
    } catch (const Error& error) {
        return {.findings = {}, .why_not = error.what()};
    }
}

void print_findings(const Database& database, const std::vector<Finding>& findings, bool is_tried)
{
    json::array array;
    for (const auto& [directory, file, line, refusal] : findings)
        array.push_back({{"file", file}, {"line", line}, {"refusal", refusal}});
    print_json({{"database", database.name},
                {"files", database.migrations.size()},
                {"tried", is_tried},
                {"findings", std::move(array)}});
}

int check(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_application(options.application, progress);
    const auto& database = chosen_database(application.manifest, options.database);
    Trial trial{.findings = findings_in(database), .why_not = "their texts are refused"};
    if (trial.findings.empty())
        trial = trial_of(application, progress);
    const auto& [findings, why_not] = trial;
    progress.pause();
    if (options.json) {
        print_findings(database, findings, why_not.empty());
        return findings.empty() ? done : failed;
    }
    for (const auto& [directory, file, line, refusal] : findings)
        std::cout << fmt::format("{}/{}:{}: {}\n", directory, file, line, refusal);
    if (!findings.empty()) {
        std::cerr << deploy::sql::way_out_of_refusal << '\n';
        return failed;
    }
    std::cout << "DSQL takes every statement of " << database.migrations.size()
              << (database.migrations.size() == 1 ? " file" : " files") << exceptions_in(database)
              << (why_not.empty() ? ": they were applied in the local cloud, from nothing.\n"
                                  : ", as far as its text tells.\n");
    if (!why_not.empty())
        std::cerr << "They were not tried in the local cloud: " << why_not << "\n";
    return done;
}

// --- status -------------------------------------------------------------------------------------

std::vector<deploy::sql::MigrationStep> applied_to(const OpenDeployment& deployment,
                                                   const std::string& database)
{
    const auto schema = find_schema(*deployment.target, deployment.id, database);
    if (!schema)
        return {};
    auto session = deploy::sql::connect(*deployment.target, schema->endpoint, Deadline::after(30s));
    return applied_in(session, *schema);
}

/// Where a squashed file does not fit the ledger, the files that it replaces are shown as missing.
std::vector<MigrationStanding> standings_in(const Database& database,
                                            const std::vector<deploy::sql::MigrationStep>& applied)
{
    const auto wanted = deploy::sql::steps_of(database.migrations);
    try {
        const auto squashes = deploy::sql::squashes_of(database.migrations);
        return standings_of(wanted, with_squashes(squashes, wanted, applied).applied);
    } catch (const Error&) {
        return standings_of(wanted, applied);
    }
}

std::string_view word_for(MigrationStanding::State state)
{
    switch (state) {
    case MigrationStanding::State::applied:
        return "applied";
    case MigrationStanding::State::pending:
        return "pending";
    case MigrationStanding::State::changed:
        return "changed";
    case MigrationStanding::State::missing:
        return "missing";
    }
    return {};
}

std::string line_for(const MigrationStanding& standing, std::size_t width)
{
    auto text = padded(standing.file, width) + "  " + std::string(word_for(standing.state));
    if (standing.state == MigrationStanding::State::pending && standing.done > 0)
        text +=
            fmt::format(", {} of {} statements are applied", standing.done, standing.statements);
    if (!standing.changed_at.empty())
        text += "  " + standing.changed_at;
    return text + "\n";
}

void show(const std::vector<MigrationStanding>& standings)
{
    std::size_t width = 0;
    for (const auto& standing : standings)
        width = std::max(width, columns(standing.file));
    for (const auto& standing : standings)
        std::cout << line_for(standing, width);
    if (standings.empty())
        std::cout << "There are no migrations yet: 'nimbus migrate new TITLE' makes the first.\n";
}

int status(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_application(options.application, progress);
    const auto& database = chosen_database(application.manifest, options.database);
    const auto deployment = deployment_of(application, progress);
    progress.phase("Reading what is applied");
    const auto standings = standings_in(database, applied_to(deployment, database.name));
    progress.pause();
    if (!options.json) {
        show(standings);
        return done;
    }
    json::array array;
    for (const auto& standing : standings)
        array.push_back(
            {{"file", standing.file},
             {"state", word_for(standing.state)},
             {"applied", standing.done},
             {"statements", standing.statements},
             {"changedAt", standing.changed_at.empty() ? json::value(nullptr)
                                                       : json::value(standing.changed_at)}});
    print_json({{"database", database.name}, {"migrations", std::move(array)}});
    return done;
}

/// Whose declarations say where the files are.
void declare_program(const Command& command, Options& options)
{
    command.option("--file", options.application.file, "FILE",
                   "The application (default: this directory's)");
}

} // namespace

void add_migrate(const Command& root)
{
    const auto migrate =
        root.add("migrate", "Make, check, apply and list the migrations of a schema");
    migrate.examples(
        {{"nimbus migrate new add_orders", "makes migrations/0002_add_orders.sql"},
         {"nimbus migrate status", "which are applied; 'nimbus deploy' applies the rest"}});
    add_command<Options>(
        migrate, "status", "Show which migrations are applied",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            declare_migrate(command, options);
            command.examples({{"nimbus migrate status", "of this directory's application"}});
        },
        status);
    add_command<Options>(
        migrate, "new", "Make the file of the next migration",
        [](const Command& command, Options& options) {
            command.positional("TITLE", options.title,
                               "What it does: lower-case letters, digits and '_'");
            command.required("TITLE");
            declare_program(command, options);
            declare_migrate(command, options);
            command.examples({{"nimbus migrate new add_orders", "behind the last one"}});
        },
        create);
    add_command<Options>(
        migrate, "check", "Look for statements that will be refused",
        [](const Command& command, Options& options) {
            declare_program(command, options);
            declare_migrate(command, options);
            command.examples(
                {{"nimbus migrate check", "deploys nothing; exit code 1: there are some"}});
        },
        check);
    add_migrate_apply(migrate);
    add_migrate_squash(migrate);
}

} // namespace nimbus::cli
