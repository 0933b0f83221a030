#include "deploy/kinds/sql/declaration.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "base/error.h"
#include "base/text.h"
#include "manifest/check.h"
#include "manifest/names.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace nimbus::deploy::sql {
namespace {

using manifest::in_quotes;
using manifest::Manifest;
using manifest::ObjectReader;
using manifest::Problems;

constexpr std::string_view list = "sql";

bool is_schema(std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && text.size() <= 55 && !is_digit(text.front()) &&
           std::ranges::all_of(
               text, [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
}

/// A PostgreSQL identifier that needs no quotes.
const manifest::TextRule schema_rule{is_schema,
                                     "a lower-case letter or '_' followed by lower-case letters, "
                                     "digits and '_', at most 55 characters"};

bool is_path_below(std::string_view text)
{
    const std::filesystem::path path(text);
    return !text.empty() && !text.contains('\0') && path.is_relative() &&
           std::ranges::find(path, "..") == path.end();
}

const manifest::TextRule directory_rule{is_path_below,
                                        "a directory in the project's, like \"migrations\""};

const manifest::TextRule file_rule{is_path_below, "a file in the project's directory, like "
                                                  "\"seed.sql\""};

/// Schemas of PostgreSQL and DSQL that no application can have.
bool is_reserved_schema(std::string_view name)
{
    return name.starts_with("pg_") || name == "information_schema" || name == "public" ||
           name == "sys";
}

Database read_database(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path,
                        {"name", "schema", "deletionProtection", "cluster", "migrations", "seed"},
                        problems);
    Database database;
    database.name = reader.required_text("name", manifest::name_rule);
    database.schema =
        reader.text("schema", schema_rule)
            .value_or(reader.find("schema") == nullptr ? replace_all(database.name, "-", "_")
                                                       : std::string());
    database.deletion_protection = reader.boolean("deletionProtection").value_or(true);
    database.cluster = reader.text("cluster", manifest::name_rule);
    database.migrations_directory = reader.text("migrations", directory_rule);
    database.seed_file = reader.text("seed", file_rule);
    return database;
}

void read(ObjectReader& document, Manifest& manifest, Problems& problems)
{
    document.each(list, [&](const json::value& value, const std::string& path) {
        manifest.declared.of<Database>().push_back(read_database(value, path, problems));
    });
}

json::array write(const Manifest& manifest)
{
    json::array array;
    for (const auto& database : manifest.declared.of<Database>()) {
        json::object object{{"name", database.name},
                            {"schema", database.schema},
                            {"deletionProtection", database.deletion_protection}};
        if (database.cluster)
            object.emplace("cluster", *database.cluster);
        if (database.migrations_directory)
            object.emplace("migrations", *database.migrations_directory);
        if (database.seed_file)
            object.emplace("seed", *database.seed_file);
        array.push_back(std::move(object));
    }
    return array;
}

void check(const Manifest& manifest, Problems& problems)
{
    const auto& databases = manifest.declared.of<Database>();
    manifest::check_unique_names(databases, list, problems);
    std::map<std::pair<std::string, std::string>, std::size_t> seen; // cluster, schema
    for (std::size_t i = 0; i < databases.size(); ++i) {
        const auto& database = databases[i];
        const auto path = indexed(list, i) + ".schema";
        if (is_reserved_schema(database.schema))
            problems.add(path, "must not be " + in_quotes(database.schema) +
                                   ", which belongs to the database system");
        if (!database.cluster || database.schema.empty())
            continue;
        const auto [earlier, is_new] =
            seen.emplace(std::pair(*database.cluster, database.schema), i);
        if (!is_new)
            problems.add(path, "must not be " + in_quotes(database.schema) +
                                   " again: " + indexed(list, earlier->second) +
                                   " has that schema in cluster " + in_quotes(*database.cluster));
    }
}

std::vector<manifest::Usable> usable(const Manifest& manifest)
{
    const auto location = expected_location(manifest.region, "123456789012");
    std::vector<manifest::Usable> all;
    for (const auto& database : manifest.declared.of<Database>())
        all.push_back({.name = database.name, .environment = environment(database, location)});
    return all;
}

/// A schema of its own in the cluster that it shares with the other stages; nothing that is hard to
/// take away again.
void make_preview(Manifest& manifest)
{
    for (auto& database : manifest.declared.of<Database>()) {
        if (!database.cluster)
            throw UsageError("The database " + database.name +
                                 " has a cluster of its own, which a preview cannot share",
                             "Name a cluster in its declaration: cluster: 'team-db', or .cluster = "
                             "\"team-db\".");
        auto schema = database.schema + '_' + replace_all(manifest.stage, "-", "_");
        if (!is_schema(replace_all(schema, "*", ""))) // of a policy for many stages
            throw UsageError("The schema " + schema +
                                 " of this preview has more than 55 characters",
                             "Choose a shorter stage.");
        database.schema = std::move(schema);
        database.deletion_protection = false;
    }
}

std::vector<std::filesystem::path> read_files(const std::filesystem::path& project,
                                              Manifest& manifest)
{
    std::vector<std::filesystem::path> inputs;
    for (auto& database : manifest.declared.of<Database>()) {
        if (database.migrations_directory) {
            const auto directory = (project / *database.migrations_directory).lexically_normal();
            database.migrations = read_migrations(directory);
            inputs.push_back(directory);
            for (const auto& migration : database.migrations)
                inputs.push_back(directory / migration.name);
        }
        if (database.seed_file) {
            inputs.push_back((project / *database.seed_file).lexically_normal());
            database.seed = read_seed(inputs.back());
        }
    }
    return inputs;
}

} // namespace

manifest::Section section()
{
    return {.name = list,
            .read = read,
            .write = write,
            .check = check,
            .usable = usable,
            .make_preview = make_preview,
            .read_files = read_files};
}

const Database* find(const manifest::Manifest& manifest, std::string_view name)
{
    const auto& databases = manifest.declared.of<Database>();
    const auto found = std::ranges::find(databases, name, &Database::name);
    return found == databases.end() ? nullptr : &*found;
}

Location expected_location(const std::string& region, const std::string& account_id)
{
    const std::string identifier(26, 'x');
    return {.endpoint = identifier + ".dsql." + region + ".on.aws",
            .identifier = identifier,
            .arn = Arn{.partition = aws::partition_of(region),
                       .service = "dsql",
                       .region = region,
                       .account = account_id,
                       .resource = "cluster/" + identifier}
                       .to_string()};
}

std::string database_role(std::string_view schema)
{
    return "lambda_" + std::string(schema);
}

std::map<std::string, std::string> environment(const Database& database, const Location& location)
{
    const auto prefix = manifest::environment_prefix("SQL", database.name);
    return {{prefix + "_ENDPOINT", location.endpoint},
            {prefix + "_IDENTIFIER", location.identifier},
            {prefix + "_SCHEMA", database.schema},
            {prefix + "_DB_ROLE", database_role(database.schema)},
            {prefix + "_ARN", location.arn}};
}

} // namespace nimbus::deploy::sql
