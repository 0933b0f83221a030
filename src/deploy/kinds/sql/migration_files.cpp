#include "deploy/kinds/sql/migration_files.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace nimbus::deploy::sql {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".sql";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view replaces_directive = "replaces";
constexpr std::size_t digits = 4;
constexpr unsigned last_number = 9999;
/// A text column of DSQL holds a statement; a file may have some of these.
constexpr std::size_t largest_file = 16 * 1024 * 1024;
constexpr const char* naming =
    "Name it like 0001_users.sql: four digits, '_', then lower-case letters, digits and '_'.";

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_title(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
    });
}

/// `what` it is: "migration".
std::string read_text(const fs::path& path, const std::string& what)
{
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    if (failure)
        throw Error("The " + what + " " + path.string() + " cannot be read: " + failure.message());
    if (size > largest_file)
        throw Error("The " + what + " " + path.string() + " is larger than 16 MiB",
                    "Split it into several files.");
    return read_file(path);
}

/// In the one form that all editors' files have here.
std::string plain_text(std::string text)
{
    if (text.starts_with(byte_order_mark))
        text.erase(0, byte_order_mark.size());
    text = replace_all(text, "\r\n", "\n");
    if (text.contains('\0') || !is_utf8(text))
        throw Error("it is not UTF-8 text", "Save it as UTF-8.");
    return text;
}

void check_seed(const MigrationStatement& statement)
{
    const auto line = "line " + std::to_string(statement.line) + ": ";
    if (!statement.changes_rows)
        throw Error(line + "a seed changes rows only",
                    "Write what changes the schema into a migration.");
    if (statement.in_batches)
        throw Error(line + "a seed does not run in batches", "Leave 'nimbus: batch' out.");
}

std::vector<fs::path> scripts_in(const fs::path& directory)
{
    std::error_code failure;
    std::vector<fs::path> scripts;
    for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
         entry.increment(failure))
        if (entry->path().extension() == extension &&
            !entry->path().filename().string().starts_with('.'))
            scripts.push_back(entry->path());
    if (failure)
        throw Error("The directory of migrations " + directory.string() +
                        " cannot be read: " + failure.message(),
                    "Make it, or correct 'migrations' in the declaration of the database.");
    std::ranges::sort(scripts);
    return scripts;
}

/// "replaces 0001_users.sql 5f2c…", or nothing for what is another directive. Throws Error that
/// names the line.
std::optional<ReplacedMigration> replaced_by(const Directive& directive)
{
    const auto words = split(directive.text, ' ');
    if (words.front() != replaces_directive)
        return {};
    const bool is_whole = words.size() == 3 && number_of(words[1]) &&
                          words[2].size() == crypto::sha256_hex("").size();
    if (!is_whole)
        throw Error("line " + std::to_string(directive.line) + ": 'nimbus: " + directive.text +
                        "' does not name a file and its checksum",
                    "'nimbus migrate squash' writes that line: leave it as it is.");
    return ReplacedMigration{.name = std::string(words[1]), .checksum = std::string(words[2])};
}

/// As where a squash was interrupted, or a file that it removed came back by a merge.
void refuse_replaced(const std::vector<Migration>& migrations)
{
    for (const auto& squashed : migrations)
        for (const auto& replaced : squashed.replaces)
            if (std::ranges::find(migrations, replaced.name, &Migration::name) != migrations.end())
                throw Error("The migration " + replaced.name + " is there beside " + squashed.name +
                                ", which replaces it",
                            "Remove " + replaced.name + ": its statements are in the other one.");
}

} // namespace

std::optional<unsigned> number_of(std::string_view file_name)
{
    if (file_name.size() < digits + 1 + extension.size() || !file_name.ends_with(extension) ||
        file_name[digits] != '_' || !std::ranges::all_of(file_name.substr(0, digits), is_digit))
        return {};
    const auto title =
        file_name.substr(digits + 1, file_name.size() - digits - 1 - extension.size());
    if (!is_title(title))
        return {};
    unsigned number = 0;
    std::from_chars(file_name.data(), file_name.data() + digits, number);
    return number;
}

Migration parse_migration(const std::string& name, std::string saved)
{
    try {
        const auto text = plain_text(std::move(saved));
        Migration migration{.name = name, .statements = split_script(text), .replaces = {}};
        for (const auto& directive : leading_directives(text))
            if (auto replaced = replaced_by(directive))
                migration.replaces.push_back(*std::move(replaced));
        if (migration.statements.empty())
            throw Error("it has no statement", "Write one, or remove the file.");
        return migration;
    } catch (const Error& error) {
        throw Error("The migration " + name + " cannot be used: " + error.what(), error.hint());
    }
}

std::vector<Migration> read_migrations(const fs::path& directory)
{
    std::vector<Migration> migrations;
    for (const auto& path : scripts_in(directory)) {
        const auto name = path.filename().string();
        if (!number_of(name))
            throw Error("'" + path.string() + "' is not the name of a migration", naming);
        migrations.push_back(parse_migration(name, read_text(path, "migration")));
    }
    refuse_replaced(migrations);
    const auto two = std::ranges::adjacent_find(
        migrations, {}, [](const Migration& migration) { return number_of(migration.name); });
    if (two != migrations.end())
        throw Error("There are two migrations with the number of " + two->name +
                        ": the other one is " + std::next(two)->name,
                    "Give the later one the next number.");
    return migrations;
}

std::vector<MigrationStatement> read_seed(const fs::path& file)
{
    const auto saved = read_text(file, "seed");
    try {
        auto statements = split_script(plain_text(saved));
        std::ranges::for_each(statements, check_seed);
        return statements;
    } catch (const Error& error) {
        throw Error("The seed " + file.filename().string() + " cannot be used: " + error.what(),
                    error.hint());
    }
}

fs::path next_migration(const fs::path& directory, const std::string& title)
{
    if (!is_title(title))
        throw UsageError("'" + title + "' cannot be the title of a migration",
                         "Use lower-case letters, digits and '_', like add_orders.");
    unsigned last = 0;
    if (fs::exists(directory))
        for (const auto& path : scripts_in(directory))
            last = std::max(last, number_of(path.filename().string()).value_or(0));
    if (last == last_number)
        throw Error(fmt::format("There is a migration with the number {} in {}, and no number "
                                "follows it",
                                last_number, directory.string()),
                    "Give that one a lower number, behind the others, where it is not applied "
                    "yet.");
    return directory / fmt::format("{:04}_{}{}", last + 1, title, extension);
}

} // namespace nimbus::deploy::sql
