#include "base/sql_text.h"

#include <algorithm>
#include <nimbus/sql.hpp>

namespace nimbus::sql::detail {

namespace {

// What one transaction of DSQL may change: 3,000 rows and 10 MiB, indexes and what each row has
// beside its values included (Aurora DSQL User Guide, "Cluster quotas and database limits").
constexpr std::size_t max_rows = 3000;
constexpr std::size_t max_bytes = 4 * 1024 * 1024;
constexpr std::size_t max_parameters = 65'535; ///< of one statement

std::string quoted_list(std::span<const std::string_view> names)
{
    std::string list;
    for (const auto name : names)
        list += (list.empty() ? "" : ", ") + quote_identifier(name);
    return list;
}

/// A value of COPY's text format (PostgreSQL's manual, COPY, "Text Format").
void append_copied(std::string& to, std::string_view value)
{
    for (;;) {
        const auto plain = std::min(value.find_first_of("\\\n\r\t"), value.size());
        to.append(value, 0, plain);
        if (plain == value.size())
            return;
        const char c = value[plain];
        to += '\\';
        to += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\\';
        value.remove_prefix(plain + 1);
    }
}

std::string placeholders(std::size_t rows, std::size_t columns)
{
    std::string text;
    std::size_t number = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        text += row == 0 ? "(" : ", (";
        for (std::size_t column = 0; column < columns; ++column)
            text += (column == 0 ? "$" : ", $") + std::to_string(++number);
        text += ')';
    }
    return text;
}

/// Tells with a batch's failure what became of the batches before it.
auto with_progress(scope in, std::uint64_t inserted, auto insert_batch)
{
    try {
        return insert_batch();
    } catch (const error& failure) {
        if (in == scope::transaction || inserted == 0 || failure.sqlstate().empty())
            throw;
        auto fields = failure.fields();
        fields.hint += (fields.hint.empty() ? "" : "; ") +
                       ("the first " + std::to_string(inserted) + " rows are inserted");
        throw_error(std::move(fields));
    }
}

} // namespace

copied_rows::copied_rows(Link& to, scope in, std::string_view table,
                         std::span<const std::string_view> columns)
    : link_(to), scope_(in),
      statement_("COPY " + quote_table(table) + " (" + quoted_list(columns) + ") FROM STDIN")
{
}

void copied_rows::add(const parameter_list& row)
{
    const char* separator = "";
    for (const auto& value : row) {
        text_ += separator;
        separator = "\t";
        if (value)
            append_copied(text_, *value);
        else
            text_ += "\\N";
    }
    text_ += '\n';
    if (++rows_ == max_rows || text_.size() >= max_bytes)
        send();
}

std::uint64_t copied_rows::finish()
{
    if (rows_ > 0)
        send();
    return inserted_;
}

void copied_rows::send()
{
    inserted_ += with_progress(scope_, inserted_,
                               [&] { return copy_rows(link_, scope_, statement_, text_); });
    text_.clear();
    rows_ = 0;
}

inserted_rows::inserted_rows(Link& to, scope in, std::string_view table,
                             std::span<const std::string_view> columns,
                             std::span<const std::string_view> returned)
    : link_(to), scope_(in), columns_(columns.size()),
      beginning_("INSERT INTO " + quote_table(table) + " (" + quoted_list(columns) + ") VALUES "),
      end_(" RETURNING " + quoted_list(returned))
{
}

std::optional<result> inserted_rows::add(parameter_list row)
{
    for (auto& value : row) {
        bytes_ += value ? value->size() : 0;
        values_.push_back(std::move(value));
    }
    const auto next_size = values_.size() + columns_;
    if (values_.size() < max_rows * columns_ && next_size <= max_parameters && bytes_ < max_bytes)
        return std::nullopt;
    return send();
}

std::optional<result> inserted_rows::finish()
{
    return values_.empty() ? std::nullopt : std::optional(send());
}

result inserted_rows::send()
{
    const auto rows = values_.size() / columns_;
    const auto text = beginning_ + placeholders(rows, columns_) + end_;
    auto answer =
        with_progress(scope_, inserted_, [&] { return run(link_, scope_, text, values_); });
    inserted_ += rows;
    values_.clear();
    bytes_ = 0;
    return answer;
}

} // namespace nimbus::sql::detail
