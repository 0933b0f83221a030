#include "cli/sql_text.h"

#include "base/text.h"
#include "cli/text_layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <vector>

namespace nimbus::cli {
namespace {

using Cells = std::vector<std::string>;

/// A row stays on its line.
Cells cells_of(const std::vector<std::optional<std::string>>& row)
{
    Cells cells;
    for (const auto& value : row)
        cells.push_back(replace_all(value.value_or(""), "\n", "↵"));
    return cells;
}

std::string line_of(const Cells& cells, const std::vector<std::size_t>& widths)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
        line += (i == 0 ? " " : "| ") +
                (i + 1 == cells.size() ? cells[i] : padded(cells[i], widths[i]) + " ");
    return line + "\n";
}

Cells distinct(const std::vector<std::string>& columns)
{
    Cells names;
    std::set<std::string> seen;
    for (const auto& column : columns) {
        auto name = column;
        for (int number = 2; !seen.insert(name).second; ++number)
            name = fmt::format("{}_{}", column, number);
        names.push_back(std::move(name));
    }
    return names;
}

} // namespace

std::string describe(const deploy::sql::SqlSession::Result& result)
{
    if (result.columns.empty())
        return result.command_tag.empty() ? std::string() : result.command_tag + "\n";
    std::vector<Cells> rows;
    std::vector<std::size_t> widths;
    for (const auto& column : result.columns)
        widths.push_back(columns(column));
    for (const auto& row : result.rows) {
        const auto& cells = rows.emplace_back(cells_of(row));
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], columns(cells[i]));
    }
    std::string rule;
    for (const auto width : widths)
        rule += (rule.empty() ? "" : "+") + std::string(width + 2, '-');

    auto text = line_of(result.columns, widths) + rule + "\n";
    for (const auto& row : rows)
        text += line_of(row, widths);
    return text + fmt::format("({} row{})\n\n", rows.size(), rows.size() == 1 ? "" : "s");
}

json::object to_json(const deploy::sql::SqlSession::Result& result)
{
    const auto names = distinct(result.columns);
    json::array rows;
    for (const auto& row : result.rows) {
        json::object object;
        for (std::size_t i = 0; i < row.size(); ++i)
            object[names[i]] = row[i] ? json::value(*row[i]) : json::value(nullptr);
        rows.push_back(std::move(object));
    }
    return {{"command", result.command_tag}, {"rows", std::move(rows)}};
}

} // namespace nimbus::cli
