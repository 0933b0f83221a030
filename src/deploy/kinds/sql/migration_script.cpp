#include "deploy/kinds/sql/migration_script.h"

#include "base/error.h"
#include "base/sql_tokens.h"

#include <algorithm>
#include <array>
#include <span>

namespace nimbus::deploy::sql {
namespace {

using Tokens = std::span<const SqlToken>;

constexpr std::array<std::string_view, 8> transaction_control{
    "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"};
constexpr std::array<std::string_view, 7> of_rows{"insert", "update", "delete", "merge",
                                                  "select", "values", "with"};
constexpr std::array<std::string_view, 5> of_the_session{"set", "reset", "discard", "prepare",
                                                         "deallocate"};

/// As many words tell a person which statement it is.
constexpr std::size_t words_in_title = 4;

std::size_t line_of(std::string_view text, std::size_t offset)
{
    return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

bool is_symbol(const SqlToken& token, std::string_view text)
{
    return token.kind == SqlToken::Kind::symbol && token.text == text;
}

template <std::size_t N>
bool is_one_of(const SqlToken& token, const std::array<std::string_view, N>& words)
{
    return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

[[noreturn]] void refuse(std::size_t line, const std::string& what, const std::string& hint)
{
    throw Error("line " + std::to_string(line) + ": " + what, hint);
}

/// Throws for what would change what the statements around it mean.
void check(Tokens statement, std::size_t line)
{
    const auto& first = statement.front();
    if (is_symbol(first, "\\"))
        refuse(line, "'\\' begins a command of psql, which a migration cannot have",
               "Write SQL statements.");
    if (is_one_of(first, transaction_control))
        refuse(line, "a migration cannot control transactions",
               "Each statement is applied once, and noted in one transaction with its rows or "
               "right behind it.");
    if (is_one_of(first, of_the_session))
        refuse(line, "a migration cannot change the settings of its session",
               "It runs as the role of the functions, in the application's schema.");
    if (first.is("copy"))
        refuse(line, "a migration cannot copy rows from a file", "Use INSERT.");
}

MigrationStatement statement_of(std::string_view text, Tokens tokens)
{
    const auto begin = tokens.front().offset;
    const auto end = tokens.back().offset + tokens.back().text.size();
    const auto line = line_of(text, begin);
    check(tokens, line);
    return {.text = std::string(text.substr(begin, end - begin)),
            .line = line,
            .changes_rows = is_one_of(tokens.front(), of_rows)};
}

/// How deep inside a function's body (BEGIN ATOMIC … END) a token leaves the text.
std::size_t depth_after(Tokens tokens, std::size_t at, std::size_t depth)
{
    const auto& token = tokens[at];
    if (token.is("atomic") && at > 0 && tokens[at - 1].is("begin"))
        return depth + 1;
    if (depth == 0)
        return 0;
    if (token.is("case"))
        return depth + 1;
    const bool is_column = at > 0 && is_symbol(tokens[at - 1], ".");
    return token.is("end") && !is_column ? depth - 1 : depth;
}

} // namespace

std::vector<MigrationStatement> split_script(std::string_view text)
{
    if (const auto open = find_unclosed(text))
        refuse(line_of(text, *open), "what begins here has no end",
               "Close the string, the quoted name or the comment.");
    const auto all = tokenize_sql(text);
    const Tokens tokens(all);
    std::vector<MigrationStatement> statements;
    std::size_t begin = 0;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        depth = depth_after(tokens, i, depth);
        if (depth > 0 || !is_symbol(tokens[i], ";"))
            continue;
        if (i > begin)
            statements.push_back(statement_of(text, tokens.subspan(begin, i - begin)));
        begin = i + 1;
    }
    if (begin < tokens.size())
        statements.push_back(statement_of(text, tokens.subspan(begin)));
    return statements;
}

std::string title_of(const MigrationStatement& statement)
{
    std::string title;
    std::size_t words = 0;
    for (const auto& token : tokenize_sql(statement.text)) {
        const bool is_word =
            token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted;
        if (!is_word || words++ == words_in_title)
            break;
        title += (title.empty() ? "" : " ") + std::string(token.text);
    }
    return title;
}

bool breaks_the_version_before(const MigrationStatement& statement)
{
    const auto tokens = tokenize_sql(statement.text);
    if (tokens.size() < 2)
        return false;
    if (tokens[0].is("drop"))
        return tokens[1].is("table") || tokens[1].is("view") || tokens[1].is("sequence") ||
               tokens[1].is("function");
    if (!tokens[0].is("alter"))
        return false;
    for (std::size_t i = 2; i < tokens.size(); ++i) {
        const bool drops_column = tokens[i].is("drop") && i + 1 < tokens.size() &&
                                  !tokens[i + 1].is("constraint") && !tokens[i + 1].is("not") &&
                                  !tokens[i + 1].is("default") && !tokens[i + 1].is("identity") &&
                                  !tokens[i + 1].is("expression");
        const bool renames =
            tokens[i].is("rename") && i + 1 < tokens.size() && !tokens[i + 1].is("constraint");
        if (drops_column || renames)
            return true;
    }
    return false;
}

} // namespace nimbus::deploy::sql
