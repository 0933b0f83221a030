#include "deploy/kinds/sql/async_index.h"

#include "base/sql_tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace nimbus::deploy::sql {
namespace {

constexpr int shown_duplicates = 5;

/// From the offset of one token up to another's.
std::string between(std::string_view text, const std::vector<SqlToken>& tokens, std::size_t first,
                    std::size_t end)
{
    if (first >= end || end > tokens.size())
        return {};
    const auto begin = tokens[first].offset;
    return std::string(
        text.substr(begin, tokens[end - 1].offset + tokens[end - 1].text.size() - begin));
}

} // namespace

std::optional<AsyncIndex> async_index_of(std::string_view statement)
{
    const auto tokens = tokenize_sql(statement);
    const auto find = [&](std::string_view what, std::size_t from) {
        while (from < tokens.size() && tokens[from].text != what && !tokens[from].is(what))
            ++from;
        return from;
    };
    const auto async = find("async", 0);
    const auto on = find("on", async);
    if (async < 2 || !tokens[0].is("create") || !tokens[async - 1].is("index") ||
        on == tokens.size())
        return {};
    const auto open = find("(", on);
    const auto close = find(")", open);
    const auto exists = find("exists", async);
    const auto name = exists < on ? exists + 1 : async + 1;
    const auto table_end = std::min(find("using", on), open);
    return AsyncIndex{.name = between(statement, tokens, name, on),
                      .table = between(statement, tokens, on + 1, table_end),
                      .columns = between(statement, tokens, open + 1, close)};
}

std::string duplicates_of(SqlSession& session, const AsyncIndex& index)
{
    try {
        const auto found = session.query(
            fmt::format("SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT {2}",
                        index.columns, index.table, shown_duplicates));
        std::string text;
        for (const auto& row : found.rows) {
            text += "\n  (";
            for (std::size_t i = 0; i + 1 < row.size(); ++i)
                text += (i == 0 ? "" : ", ") + row[i].value_or("NULL");
            text += ") is there " + row.back().value_or("") + " times";
        }
        return text;
    } catch (const SqlFailure&) {
        return {}; // an index over something else than columns
    }
}

} // namespace nimbus::deploy::sql
