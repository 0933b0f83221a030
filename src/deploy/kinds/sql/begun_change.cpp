#include "deploy/kinds/sql/begun_change.h"

#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "deploy/kinds/sql/catalogue_name.h"
#include "deploy/kinds/sql/migration_run.h"

#include <algorithm>
#include <array>
#include <optional>

namespace nimbus::deploy::sql {
namespace {

/// Source: PostgreSQL manual, Appendix A, like the others here.
constexpr std::string_view undefined_table = "42P01";
constexpr std::string_view undefined_object = "42704";
constexpr std::string_view not_in_prerequisite_state = "55000";

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& states, std::string_view sqlstate)
{
    return std::ranges::find(states, sqlstate) != states.end();
}

/// ALTER TABLE name action, action …
class Alteration {
public:
    explicit Alteration(std::string_view statement)
        : text_(statement), tokens_(tokenize_sql(statement))
    {
    }

    bool begins_with(std::string_view word) const { return is(0, word); }

    bool is_applied(SqlSession& session, const std::string& sqlstate) const
    {
        for (std::size_t i = 2; i < tokens_.size(); ++i)
            if (outside(i) && is_applied_at(i, session, sqlstate))
                return true;
        return false;
    }

private:
    bool is_applied_at(std::size_t i, SqlSession& session, const std::string& sqlstate) const
    {
        if (is(i, "rename")) // "TO name" changes the name of the whole, which is looked up first
            return contains(not_there, sqlstate) &&
                   (is(i + 1, "to") || sqlstate != undefined_table);
        if (is(i, "set") && is(i + 1, "schema"))
            return contains(not_there, sqlstate);
        if (is(i, "alter"))
            return sqlstate == not_in_prerequisite_state && column_is_changed(i, session);
        if (is(i, "drop"))
            return contains(not_there, sqlstate) && sqlstate != undefined_table;
        if (is(i, "add") && is(i + 1, "constraint") &&
            (sqlstate == not_in_prerequisite_state || sqlstate == undefined_object))
            return has_constraint(i + 2, session); // UNIQUE USING INDEX renames the index
        return is(i, "add") && contains(there_already, sqlstate);
    }

    /// ALTER [COLUMN] name ADD GENERATED … AS IDENTITY, DROP IDENTITY, DROP EXPRESSION
    bool column_is_changed(std::size_t i, SqlSession& session) const
    {
        const auto column = i + (is(i + 1, "column") ? 2 : 1);
        const bool adds = is(column + 1, "add") && is(column + 2, "generated");
        const bool drops = is(column + 1, "drop") && is(column + 2, "identity");
        const bool drops_expression = is(column + 1, "drop") && is(column + 2, "expression");
        if (!adds && !drops && !drops_expression)
            return false;
        const auto found = ask(session,
                               std::string("SELECT 1 FROM pg_attribute WHERE attrelid = "
                                           "$1::regclass AND attname = $2 AND ") +
                                   (adds    ? "attidentity <> ''"
                                    : drops ? "attidentity = ''"
                                            : "attgenerated = ''"),
                               {table(), name(column)});
        return found && !found->rows.empty();
    }

    bool has_constraint(std::size_t at, SqlSession& session) const
    {
        const auto found = ask(
            session, "SELECT 1 FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2",
            {table(), name(at)});
        return found && !found->rows.empty();
    }

    /// Nothing where there is no such table.
    static std::optional<SqlSession::Result> ask(SqlSession& session, const std::string& query,
                                                 const std::vector<std::string>& parameters)
    {
        try {
            return session.query(query, parameters);
        } catch (const SqlFailure& failure) {
            if (!contains(not_there, failure.sqlstate()))
                throw;
            return {};
        }
    }

    bool is(std::size_t i, std::string_view word) const
    {
        return i < tokens_.size() && tokens_[i].is(word);
    }
    bool is_mark(std::size_t i, std::string_view mark) const
    {
        return i < tokens_.size() && tokens_[i].text == mark;
    }
    /// Of brackets.
    bool outside(std::size_t i) const
    {
        std::ptrdiff_t depth = 0;
        for (std::size_t before = 0; before < i; ++before)
            depth += is_mark(before, "(") ? 1 : is_mark(before, ")") ? -1 : 0;
        return depth == 0;
    }
    /// As it is written, with its schema.
    std::string table() const
    {
        std::size_t first = 2;
        while (is(first, "if") || is(first, "exists") || is(first, "only") || is(first, "async"))
            ++first;
        auto last = first;
        while (is_mark(last + 1, ".") && last + 2 < tokens_.size())
            last += 2;
        if (last >= tokens_.size())
            return {};
        const auto begin = tokens_[first].offset;
        return std::string(
            text_.substr(begin, tokens_[last].offset + tokens_[last].text.size() - begin));
    }
    std::string name(std::size_t i) const
    {
        return i < tokens_.size() ? catalogue_name(tokens_[i]) : std::string();
    }

    std::string_view text_;
    std::vector<SqlToken> tokens_;
};

std::vector<std::string> indexes_of(SqlSession& session, const std::string& table)
{
    std::vector<std::string> names;
    const auto found = session.query("SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON "
                                     "c.oid = i.indexrelid WHERE i.indrelid = $1::regclass",
                                     {table});
    for (const auto& row : found.rows)
        names.push_back(row.at(0).value_or(""));
    return names;
}

} // namespace

bool is_applied(SqlSession& session, std::string_view statement, const std::string& sqlstate)
{
    const Alteration change(statement);
    if (change.begins_with("create"))
        return contains(there_already, sqlstate);
    if (change.begins_with("drop"))
        return contains(not_there, sqlstate);
    return change.begins_with("alter") && change.is_applied(session, sqlstate);
}

std::vector<std::string> indexes_beside(SqlSession& session, const AsyncIndex& index)
{
    auto names = indexes_of(session, index.table);
    names.insert(names.begin(), index.table);
    return names;
}

std::vector<std::string> made_indexes(SqlSession& session, const AsyncIndex& index,
                                      const std::vector<std::string>& before)
{
    if (!index.name.empty())
        return {index.name};
    std::vector<std::string> made;
    if (before.empty())
        return made;
    for (const auto& name : indexes_of(session, index.table))
        if (std::ranges::find(before, name) == before.end())
            made.push_back(quote_identifier(name));
    return made;
}

} // namespace nimbus::deploy::sql
