#include "deploy/kinds/sql/migration_batch.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "base/text.h"
#include "deploy/kinds/sql/catalogue_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace nimbus::deploy::sql {
namespace {

/// What makes one row of a result of many rows, or orders or counts these: over a batch it is
/// something else than over all rows.
constexpr std::array<std::string_view, 11> over_all_rows{
    "distinct", "join",  "group", "having",    "order", "limit",
    "offset",   "fetch", "union", "intersect", "except"};
/// Source: PostgreSQL manual, "Aggregate Functions".
constexpr std::array<std::string_view, 29> aggregates{
    "any_value",       "array_agg",        "avg",       "bit_and",  "bit_or",
    "bit_xor",         "bool_and",         "bool_or",   "corr",     "count",
    "covar_pop",       "covar_samp",       "every",     "json_agg", "json_object_agg",
    "jsonb_agg",       "jsonb_object_agg", "max",       "min",      "mode",
    "percentile_cont", "percentile_disc",  "range_agg", "stddev",   "stddev_pop",
    "stddev_samp",     "string_agg",       "sum",       "variance"};

[[noreturn]] void refuse(const std::string& why, const std::string& hint)
{
    throw Error("this statement cannot run in batches: " + why, hint);
}

/// A statement by its tokens, with the brackets around each.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text), tokens_(tokenize_sql(text))
    {
        std::size_t depth = 0;
        for (const auto& token : tokens_) {
            if (is_symbol(token, ")") || is_symbol(token, "]"))
                depth -= depth > 0 ? 1 : 0;
            depths_.push_back(depth);
            if (is_symbol(token, "(") || is_symbol(token, "["))
                ++depth;
        }
    }

    std::size_t size() const { return tokens_.size(); }
    const SqlToken& at(std::size_t i) const { return tokens_.at(i); }
    bool is(std::size_t i, std::string_view word) const
    {
        return i < size() && tokens_[i].is(word) && !(i > 0 && is_symbol(tokens_[i - 1], "."));
    }
    bool is_mark(std::size_t i, std::string_view mark) const
    {
        return i < size() && is_symbol(tokens_[i], mark);
    }
    bool is_name(std::size_t i) const
    {
        return i < size() && (tokens_[i].kind == SqlToken::Kind::word ||
                              tokens_[i].kind == SqlToken::Kind::quoted);
    }
    std::size_t depth(std::size_t i) const { return depths_.at(i); }

    /// The first `word` outside of brackets in [from, end), or `end`.
    std::size_t find(std::string_view word, std::size_t from, std::size_t end) const
    {
        for (auto i = from; i < end; ++i)
            if (depths_[i] == 0 && is(i, word) &&
                !(word == "from" && i > 0 && tokens_[i - 1].is("distinct"))) // IS DISTINCT FROM
                return i;
        return end;
    }
    /// As it is written.
    std::string text(std::size_t from, std::size_t end) const
    {
        if (from >= end)
            return {};
        const auto& last = tokens_.at(end - 1);
        const auto begin = tokens_.at(from).offset;
        return std::string(text_.substr(begin, last.offset + last.text.size() - begin));
    }
    /// Behind the name, with its schema, that begins there.
    std::size_t behind_name(std::size_t i) const
    {
        while (is_name(i) && is_mark(i + 1, ".") && is_name(i + 2))
            i += 2;
        return i + 1;
    }
    std::string name(std::size_t i) const { return catalogue_name(tokens_.at(i)); }
    /// Where the bracket is closed that is opened there.
    std::size_t closing(std::size_t open) const
    {
        auto i = open + 1;
        while (i < size() && depths_[i] > depths_[open])
            ++i;
        return i;
    }
    bool opens_query(std::size_t i) const
    {
        return is_mark(i, "(") && (is(i + 1, "select") || is(i + 1, "with") || is(i + 1, "table") ||
                                   is(i + 1, "values"));
    }

private:
    static bool is_symbol(const SqlToken& token, std::string_view text)
    {
        return token.kind == SqlToken::Kind::symbol && token.text == text;
    }

    std::string_view text_;
    std::vector<SqlToken> tokens_;
    std::vector<std::size_t> depths_;
};

/// Where in a statement its table stands, and the clauses behind it.
struct Layout {
    std::size_t table = 0;
    std::size_t from_end = 0; ///< of the table with its alias
    std::size_t where = 0;    ///< or where the condition would be
    std::size_t tail = 0;     ///< behind the condition
};

/// Where ON CONFLICT or RETURNING begins.
std::size_t find_tail(const Reader& reader, std::size_t from)
{
    auto tail = reader.find("returning", from, reader.size());
    if (tail < reader.size())
        refuse("it has RETURNING, and nobody reads that", "Leave RETURNING out.");
    for (tail = reader.find("on", from, reader.size()); tail < reader.size();
         tail = reader.find("on", tail + 1, reader.size()))
        if (reader.is(tail + 1, "conflict"))
            return tail;
    return reader.size();
}

/// A query inside of it has to say the same in each batch.
void check_query(const Reader& reader, std::size_t open, const std::string& changed)
{
    const auto end = reader.closing(open);
    bool is_cut = false;
    bool is_ordered = false;
    for (auto i = open + 1; i < end; ++i) {
        is_cut |= reader.is(i, "limit") || reader.is(i, "offset") || reader.is(i, "fetch");
        is_ordered |= reader.is(i, "order");
        if (reader.is_name(i) && reader.name(i) == changed && !reader.is_mark(i + 1, "."))
            refuse("its query in brackets reads " + changed +
                       ", and later batches would see what earlier ones have changed",
                   "Keep what it reads in another table first.");
    }
    if (is_cut && !is_ordered)
        refuse("its query in brackets takes some rows without ORDER BY, which may be others in "
               "each batch",
               "Order that query by a key.");
}

void check_queries(const Reader& reader, const std::string& changed)
{
    for (std::size_t i = 0; i < reader.size(); ++i)
        if (reader.opens_query(i))
            check_query(reader, i, changed);
}

void check_table(const Reader& reader, std::size_t table)
{
    if (!reader.is_name(table))
        refuse("its rows are not those of one table", "Select from one table.");
}

/// The last part of the name, which queries inside may call it by.
std::string plain_name(const Reader& reader, std::size_t table)
{
    return reader.name(reader.behind_name(table) - 1);
}

/// The names left of each '=' of SET, in [from, end).
std::vector<std::string> assigned_columns(const Reader& reader, std::size_t from, std::size_t end)
{
    std::vector<std::string> names;
    bool is_target = true;
    for (auto i = from; i < end; ++i) {
        if (reader.depth(i) == 0 && reader.is_mark(i, ","))
            is_target = true;
        else if (reader.depth(i) == 0 &&
                 reader.at(i).text.starts_with('=')) // "=", or "=-" of "=-1"
            is_target = false;
        else if (is_target && reader.is_name(i))
            names.push_back(reader.name(i));
    }
    return names;
}

BatchStatement assemble(const Reader& reader, const Layout& layout)
{
    const auto name = reader.is(layout.table, "only") ? layout.table + 1 : layout.table;
    check_table(reader, name);
    return {.table = reader.text(name, reader.behind_name(name)),
            .from = reader.text(layout.table, layout.from_end),
            .head = reader.text(0, layout.where),
            .condition = reader.text(std::min(layout.where + 1, layout.tail), layout.tail),
            .tail = reader.text(layout.tail, reader.size()),
            .changed = plain_name(reader, name),
            .assigned = {}};
}

BatchStatement update_of(const Reader& reader)
{
    const auto end = find_tail(reader, 0);
    const auto set = reader.find("set", 1, end);
    const auto where = reader.find("where", set, end);
    if (reader.find("from", set, where) < where)
        refuse("it takes values FROM another table, of which several rows may fit one",
               "Write SET column = (SELECT … WHERE …).");
    auto statement = assemble(reader, {.table = 1, .from_end = set, .where = where, .tail = end});
    statement.assigned = assigned_columns(reader, set + 1, where);
    check_queries(reader, statement.changed);
    return statement;
}

BatchStatement delete_of(const Reader& reader)
{
    const auto end = find_tail(reader, 0);
    const auto where = reader.find("where", 2, end);
    if (reader.find("using", 2, where) < where)
        refuse("it deletes USING another table", "Write WHERE EXISTS (SELECT …).");
    auto statement = assemble(reader, {.table = 2, .from_end = where, .where = where, .tail = end});
    check_queries(reader, statement.changed);
    return statement;
}

/// [from, end): from SELECT up to ON CONFLICT.
void check_selection(const Reader& reader, std::size_t from, std::size_t end)
{
    for (auto i = from; i < end; ++i) {
        if (reader.opens_query(i)) {
            i = reader.closing(i);
            continue;
        }
        const auto is_word = [&](std::string_view word) { return reader.is(i, word); };
        const bool compares = is_word("distinct") && reader.is(i + 1, "from");
        const bool is_aggregate =
            std::ranges::any_of(aggregates, is_word) && reader.is_mark(i + 1, "(");
        if ((std::ranges::any_of(over_all_rows, is_word) && !compares) || is_word("over") ||
            is_aggregate)
            refuse("its " + to_upper(reader.at(i).text) +
                       " takes more than one row into account, and a batch has not all of them",
                   "Select row by row from one table. Where the result has at most 2,999 rows, "
                   "leave 'nimbus: batch' out.");
    }
}

BatchStatement insert_of(const Reader& reader)
{
    const auto select = reader.find("select", 1, reader.size());
    const auto end = find_tail(reader, select);
    const auto from = reader.find("from", select, end);
    if (from == end)
        refuse("it selects no rows of a table", "Write INSERT … SELECT … FROM a table, or several "
                                                "statements.");
    const auto where = reader.find("where", from, end);
    check_selection(reader, select, end);
    check_table(reader, from + 1);
    for (auto i = from + 1; i < where; ++i)
        if (reader.is_mark(i, ",") || reader.is_mark(i, "("))
            refuse("its rows are not those of one table", "Select from one table.");
    auto statement =
        assemble(reader, {.table = from + 1, .from_end = where, .where = where, .tail = end});
    const auto selected = std::exchange(statement.changed, plain_name(reader, 2));
    if (selected == statement.changed)
        refuse("it selects from " + selected + ", into which it inserts",
               "Keep what it selects in another table first.");
    check_queries(reader, statement.changed);
    return statement;
}

/// "(a, b)", or "a" alone.
std::string key_columns(const std::vector<KeyColumn>& key)
{
    std::string text;
    for (const auto& column : key)
        text += (text.empty() ? "" : ", ") + quote_identifier(column.name);
    return key.size() == 1 ? text : '(' + text + ')';
}

/// "($1::text, $2::bigint)", from the parameter of that number on.
std::string key_values(const std::vector<KeyColumn>& key, std::size_t first)
{
    std::string text;
    for (const auto& column : key)
        text += fmt::format("{}${}::{}", text.empty() ? "" : ", ", first++, column.type);
    return key.size() == 1 ? text : '(' + text + ')';
}

/// " WHERE …": the statement's rows behind, and up to, keys.
std::string where(const BatchStatement& statement, const std::vector<KeyColumn>& key,
                  bool starts_behind, bool has_end)
{
    std::vector<std::string> conditions;
    if (!statement.condition.empty())
        conditions.push_back('(' + statement.condition + ')');
    std::size_t parameter = 1;
    if (starts_behind) {
        conditions.push_back(key_columns(key) + " > " + key_values(key, parameter));
        parameter += key.size();
    }
    if (has_end)
        conditions.push_back(key_columns(key) + " <= " + key_values(key, parameter));
    return conditions.empty() ? "" : " WHERE " + join(conditions, " AND ");
}

} // namespace

BatchStatement batch_of(std::string_view statement)
{
    const Reader reader(statement);
    if (reader.is(0, "update"))
        return update_of(reader);
    if (reader.is(0, "delete") && reader.is(1, "from"))
        return delete_of(reader);
    if (reader.is(0, "insert") && reader.is(1, "into"))
        return insert_of(reader);
    refuse("it is no UPDATE, DELETE or INSERT … SELECT",
           "Leave 'nimbus: batch' out, or write one of these, without WITH.");
}

void check_key(const BatchStatement& statement, const std::vector<KeyColumn>& key)
{
    if (key.empty())
        refuse("the table " + statement.table + " has no primary key to go along",
               "Write several statements, each for at most 2,999 rows.");
    for (const auto& column : key)
        if (std::ranges::find(statement.assigned, column.name) != statement.assigned.end())
            refuse("it sets " + column.name + ", which is part of the primary key of " +
                       statement.table + ": a row could be met twice",
                   "Write several statements, each for at most 2,999 rows.");
}

void check_correction(const BatchStatement& statement, std::string_view beginning)
{
    std::string table;
    try {
        table = batch_of(beginning).table;
    } catch (const Error&) {
        return; // its table is not in what is known of it
    }
    if (table != statement.table)
        refuse("its first batches are applied, and went along the table " + table + ", not " +
                   statement.table,
               "Let it go along " + table +
                   " to its end, and write the other statement behind it.");
}

std::string end_of_batch(const BatchStatement& statement, const std::vector<KeyColumn>& key,
                         bool starts_behind, int rows)
{
    // ORDER BY prefers the names of the result to those of the table.
    std::string columns;
    std::string order;
    for (const auto& column : key) {
        const auto name = quote_identifier(column.name);
        columns += fmt::format("{}{}::text AS nimbus_key_{}", columns.empty() ? "" : ", ", name,
                               &column - key.data());
        order += (order.empty() ? "" : ", ") + name;
    }
    return "SELECT " + columns + " FROM " + statement.from +
           where(statement, key, starts_behind, false) + " ORDER BY " + order +
           fmt::format(" LIMIT 1 OFFSET {}", rows - 1);
}

std::string one_batch(const BatchStatement& statement, const std::vector<KeyColumn>& key,
                      bool starts_behind, bool has_end)
{
    return statement.head + where(statement, key, starts_behind, has_end) +
           (statement.tail.empty() ? "" : " " + statement.tail);
}

} // namespace nimbus::deploy::sql
