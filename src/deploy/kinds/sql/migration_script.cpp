#include "deploy/kinds/sql/migration_script.h"

#include "base/error.h"
#include "base/sql_tokens.h"
#include "base/text.h"
#include "deploy/kinds/sql/migration_batch.h"

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

/// What is altered and has a name that no statement of a program needs.
constexpr std::array<std::string_view, 5> unnamed_by_programs{"index", "policy", "rule",
                                                              "statistics", "trigger"};

constexpr std::string_view directive_mark = "nimbus:";
constexpr std::string_view batch_directive = "batch";
constexpr std::string_view unchecked_directive = "unchecked";
/// What a file replaces, see migration_squash.h; read from its head.
constexpr std::string_view replaces_directive = "replaces";

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

/// A statement of rows has no parameters of its own, unlike a function's body.
void check_parameters(std::string_view text, Tokens statement)
{
    const auto parameter = std::ranges::find_if(statement, [](const SqlToken& token) {
        return token.kind == SqlToken::Kind::number && token.text.starts_with('$');
    });
    if (parameter != statement.end())
        refuse(line_of(text, parameter->offset),
               "nobody gives the parameter " + std::string(parameter->text) + " a value",
               "Write the value itself.");
}

/// Behind the comment of that form, which may hold others, that begins `text`.
std::size_t end_of_block(std::string_view text)
{
    int depth = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const auto mark = text.substr(i, 2);
        if (mark != "/*" && mark != "*/")
            continue;
        depth += mark == "/*" ? 1 : -1;
        ++i;
        if (depth == 0)
            return i + 1;
    }
    return text.size();
}

/// In [begin, end) of `text`, where comments and blanks are.
std::vector<Directive> directives_in(std::string_view text, std::size_t begin, std::size_t end)
{
    std::vector<Directive> found;
    for (auto i = begin; i < end;) {
        const auto rest = text.substr(i, end - i);
        if (rest.starts_with("/*")) {
            i += end_of_block(rest);
        } else if (rest.starts_with("--")) {
            const auto comment = rest.substr(0, rest.find_first_of("\n\r"));
            const auto words = trim(comment.substr(2));
            if (words.starts_with(directive_mark))
                found.push_back({.line = line_of(text, i),
                                 .text = std::string(trim(words.substr(directive_mark.size())))});
            i += comment.size();
        } else {
            ++i;
        }
    }
    return found;
}

std::size_t end_of(const SqlToken& token)
{
    return token.offset + token.text.size();
}

/// Takes what the comments before a statement, behind offset `behind`, ask for.
void take_directives(std::string_view text, std::size_t behind, Tokens tokens,
                     MigrationStatement& statement)
{
    for (const auto& [line, what] : directives_in(text, behind, tokens.front().offset)) {
        if (what == batch_directive)
            statement.in_batches = true;
        else if (what == unchecked_directive)
            statement.is_unchecked = true;
        else if (!what.starts_with(replaces_directive))
            refuse(line, "'nimbus: " + what + "' says nothing to Nimbus",
                   "A statement for many rows has '-- nimbus: batch' before it, and one that is "
                   "refused wrongly '-- nimbus: unchecked'.");
    }
    for (std::size_t i = 1; i < tokens.size(); ++i)
        for (const auto& directive : directives_in(text, end_of(tokens[i - 1]), tokens[i].offset))
            refuse(directive.line, "'nimbus: " + directive.text + "' stands inside a statement",
                   "Write it on the line before the statement.");
}

/// Its comments begin behind offset `behind`.
MigrationStatement statement_of(std::string_view text, std::size_t behind, Tokens tokens)
{
    const auto begin = tokens.front().offset;
    const auto line = line_of(text, begin);
    check(tokens, line);
    if (is_one_of(tokens.front(), of_rows))
        check_parameters(text, tokens);
    MigrationStatement statement{.text =
                                     std::string(text.substr(begin, end_of(tokens.back()) - begin)),
                                 .line = line,
                                 .changes_rows = is_one_of(tokens.front(), of_rows)};
    take_directives(text, behind, tokens, statement);
    if (statement.in_batches) {
        try {
            batch_of(statement.text);
        } catch (const Error& error) {
            refuse(line, error.what(), error.hint());
        }
    }
    return statement;
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
    std::size_t behind = 0; // the statement before
    std::size_t depth = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        depth = depth_after(tokens, i, depth);
        if (depth > 0 || !is_symbol(tokens[i], ";"))
            continue;
        if (i > begin) {
            statements.push_back(statement_of(text, behind, tokens.subspan(begin, i - begin)));
            behind = end_of(tokens[i]);
        }
        begin = i + 1;
    }
    if (depth > 0) // what follows in another file would be taken for a part of it
        refuse(line_of(text, tokens[begin].offset), "BEGIN ATOMIC has no END here",
               "Close the function's body.");
    if (begin < tokens.size()) {
        statements.push_back(statement_of(text, behind, tokens.subspan(begin)));
        behind = text.size();
    }
    for (const auto& directive : directives_in(text, behind, text.size()))
        if (directive.text == batch_directive || directive.text == unchecked_directive)
            refuse(directive.line, "no statement follows 'nimbus: " + directive.text + "'",
                   "Write it on the line before the statement.");
    return statements;
}

std::vector<Directive> leading_directives(std::string_view text)
{
    const auto tokens = tokenize_sql(text);
    return directives_in(text, 0, tokens.empty() ? text.size() : tokens.front().offset);
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
    if (!tokens[0].is("alter") || is_one_of(tokens[1], unnamed_by_programs))
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
