#include "frontends/database_client.h"

#include "base/file.h"
#include "base/text.h"
#include "frontends/authors_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace nimbus::frontends {
namespace {

/// Those that wait for an answer, in the order in which a shorter name does not hide a longer one.
constexpr std::array<std::string_view, 6> queries{"queryOne", "queryOptional", "queryValue",
                                                  "query",    "execute",       "transaction"};

bool is_part_of_name(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool is_comment(std::string_view line)
{
    return line.starts_with("//") || line.starts_with('*') || line.starts_with("/*");
}

/// What a line gives a database to: "db" of `export const db: SqlDatabase = app.SQL({`; or "".
std::string_view database_in(std::string_view line)
{
    const auto call = line.find(".SQL(");
    const auto equals = line.substr(0, call).rfind('=');
    if (call == std::string_view::npos || equals == std::string_view::npos)
        return {};
    auto target = line.substr(0, equals);
    target = trim(target.substr(0, target.find(':'))); // without its type
    const auto name = std::ranges::find_if_not(target.rbegin(), target.rend(), is_part_of_name);
    return target.substr(static_cast<std::size_t>(target.rend() - name));
}

/// "query" of `await db.query<User>(…)`; or "".
std::string_view query_in(std::string_view line, const std::string& database)
{
    for (auto at = line.find(database); at != std::string_view::npos;
         at = line.find(database, at + 1)) {
        auto rest = line.substr(at + database.size());
        if ((at > 0 && is_part_of_name(line[at - 1])) || !rest.starts_with('.'))
            continue;
        rest.remove_prefix(1);
        for (const auto query : queries)
            if (rest.starts_with(query) && rest.size() > query.size() &&
                (rest[query.size()] == '(' || rest[query.size()] == '<'))
                return query;
    }
    return {};
}

} // namespace

std::vector<std::string> warnings_of_queries(const std::vector<std::filesystem::path>& sources,
                                             const std::filesystem::path& project)
{
    std::vector<std::pair<std::filesystem::path, std::string>> texts;
    std::set<std::string> databases;
    for (const auto& source : sources) {
        if (!is_script(source))
            continue;
        const auto& text = texts.emplace_back(source, read_file(source)).second;
        for (const auto line : split(text, '\n'))
            if (const auto name = database_in(trim(line)); !name.empty() && !is_comment(trim(line)))
                databases.emplace(name);
    }
    const auto first_query = [&](const std::filesystem::path& source, const std::string& text) {
        int number = 0;
        for (const auto line : split(text, '\n')) {
            ++number;
            for (const auto& database : databases)
                if (const auto query = query_in(line, database);
                    !query.empty() && !is_comment(trim(line)))
                    return source.lexically_relative(project).string() + ':' +
                           std::to_string(number) + ": " + database + '.' + std::string(query) +
                           " needs the package " + database_client +
                           ", which is not installed: npm install " + database_client + '.';
        }
        return std::string();
    };
    std::vector<std::string> warnings;
    for (const auto& [source, text] : texts)
        if (auto warning = first_query(source, text); !warning.empty())
            warnings.push_back(std::move(warning));
    return warnings;
}

} // namespace nimbus::frontends
