#include "sql/pg_messages.h"

#include "base/number.h"

namespace nimbus::sql::detail {

namespace {

/// Nothing that DSQL sends is larger: its messages end at 10 MiB.
constexpr std::size_t max_message = 64 * 1024 * 1024;

[[noreturn]] void malformed()
{
    throw connection_error({.message = "the server sent something that is not PostgreSQL's "
                                       "protocol"});
}

auto understand(auto read)
{
    try {
        return read();
    } catch (const pgwire::Malformed&) {
        malformed();
    }
}

} // namespace

std::optional<Message> first_message(std::string_view buffer)
{
    return understand([&] { return pgwire::first_message(buffer, max_message); });
}

pgwire::Authentication authentication_kind(std::string_view body)
{
    return understand([&] { return pgwire::authentication_kind(body); });
}

pgwire::CancelKey backend_key_data(std::string_view body)
{
    return understand([&] { return pgwire::cancel_key(body); });
}

std::vector<result::column> row_description(std::string_view body)
{
    std::vector<result::column> columns;
    for (auto& column : understand([&] { return pgwire::row_description(body); }))
        columns.push_back({std::move(column.name), column.type});
    return columns;
}

void add_data_row(std::string_view body, result& to)
{
    understand([&] {
        pgwire::Reader reader(body);
        if (reader.int16() != to.columns.size())
            malformed();
        for (std::size_t i = 0; i < to.columns.size(); ++i)
            to.add_field(reader.value());
    });
}

std::uint64_t affected_rows(std::string_view command_complete)
{
    return understand([&] {
        auto tag = pgwire::command_tag(command_complete);
        constexpr std::string_view copy = "COPY ";
        if (tag.starts_with(copy))
            return parse_number<std::uint64_t>(tag.substr(copy.size())).value_or(0);
        return pgwire::affected_rows(tag);
    });
}

error_fields error_response(std::string_view body)
{
    auto fields = understand([&] { return pgwire::error_fields(body); });
    return {.sqlstate = std::move(fields.sqlstate),
            .message = std::move(fields.message),
            .detail = std::move(fields.detail),
            .hint = std::move(fields.hint),
            .constraint = std::move(fields.constraint),
            .table = std::move(fields.table),
            .column = std::move(fields.column)};
}

} // namespace nimbus::sql::detail
