#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/databases_of_tests.h"
#include "cli/deployment.h"
#include "cli/row_types.h"
#include "deploy/kinds/sql/columns.h"
#include "deploy/kinds/sql/database.h"

#include <algorithm>
#include <iostream>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

struct Options {
    ApplicationOptions application;
    std::string database;
    std::string output;
    bool cpp = false, typescript = false, check = false;
};

Language language_of(const Options& options, const std::filesystem::path& application)
{
    if (options.cpp || options.typescript)
        return options.cpp ? Language::cpp : Language::typescript;
    const auto extension = application.extension();
    const bool is_script = extension == ".ts" || extension == ".js" || extension == ".mts" ||
                           extension == ".mjs" || extension == ".cts" || extension == ".cjs";
    return is_script ? Language::typescript : Language::cpp;
}

const TemplateDatabase& chosen(const TestTemplate& from, const std::string& name)
{
    std::string names;
    for (const auto& database : from.databases) {
        if (database.declared.name == name || (name.empty() && from.databases.size() == 1))
            return database;
        names += (names.empty() ? "" : ", ") + database.declared.name;
    }
    throw UsageError(name.empty() ? "The application has several databases"
                                  : "There is no database '" + name + "'",
                     "Name one of these with --database: " + names + ".");
}

/// Of the database with all migrations applied, in a copy that is deleted again.
std::string types_of(const Options& options, Progress& progress)
{
    const auto application = load_once_for_development(options.application, progress);
    const auto local = OpenTarget::open({}, application.manifest.region, &progress);
    const auto from = prepare_test_template(application, Seeds::left_out, *local,
                                            engine_options(progress, *local));
    const auto& database = chosen(from, options.database).declared;
    const TestDatabases databases(local->client, from);
    auto session = deploy::sql::connect(*local, databases.common().endpoints.at(database.name),
                                        Deadline::after(30s));
    return row_types(deploy::sql::relations_in(session, database.schema),
                     language_of(options, application.file));
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto text = types_of(options, progress);
    progress.pause();
    if (options.output.empty()) {
        std::cout << text;
        return done;
    }
    const auto present = read_file_if_exists(options.output);
    if (options.check) {
        if (present == text)
            return done;
        throw Error(options.output + " is not what the migrations make",
                    "Run the same command without --check, which writes it.");
    }
    if (present != text) // whoever builds by the time of the file builds nothing
        write_file(options.output, text);
    return done;
}

} // namespace

void add_types(const Command& root)
{
    add_command<Options>(
        root, "types", "Write types for the rows of the tables that the migrations make",
        [](const Command& command, Options& options) {
            declare_file(command, options.application);
            command.flag("--cpp", options.cpp, "Described structs (default for programs in C++)");
            command.flag("--ts", options.typescript,
                         "Interfaces (default for programs in TypeScript)");
            command.excludes("--cpp", "--ts");
            command.option("--database", options.database, "NAME",
                           "The database, where there are several");
            command.option("--output", options.output, "FILE",
                           "Write to this file, if it differs (default: standard output)");
            command.takes_file("--output");
            command.flag("--check", options.check,
                         "Write nothing; exit code 1 when the file differs");
            command.needs("--check", "--output");
            command.examples({{"nimbus types --output rows.hpp", "one struct for each table"},
                              {"nimbus types --output rows.hpp --check", "in CI"}});
        },
        run);
}

} // namespace nimbus::cli
