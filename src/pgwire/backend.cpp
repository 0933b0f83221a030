#include "pgwire/backend.h"

#include "base/number.h"
#include "pgwire/frontend.h"

namespace nimbus::pgwire {

namespace {

/// The types of an error's and a notice's fields.
namespace field {
constexpr char severity = 'S';
constexpr char severity_untranslated = 'V';
constexpr char sqlstate = 'C';
constexpr char message = 'M';
constexpr char detail = 'D';
constexpr char hint = 'H';
constexpr char position = 'P';
constexpr char where = 'W';
constexpr char schema = 's';
constexpr char table = 't';
constexpr char column = 'c';
constexpr char constraint = 'n';
} // namespace field

constexpr char end_of_fields = '\0';

} // namespace

void BackendWriter::authentication(Authentication kind)
{
    const auto length = begin(backend::authentication);
    add_int32(static_cast<std::int32_t>(kind));
    end(length);
}

void BackendWriter::authentication_ok()
{
    authentication(Authentication::ok);
}

void BackendWriter::authentication_cleartext_password()
{
    authentication(Authentication::cleartext_password);
}

void BackendWriter::parameter_status(std::string_view name, std::string_view value)
{
    const auto length = begin(backend::parameter_status);
    add_text(name);
    add_text(value);
    end(length);
}

void BackendWriter::backend_key_data(std::uint32_t process_id, std::uint32_t secret_key)
{
    const auto length = begin(backend::backend_key_data);
    add_int32(process_id);
    add_int32(secret_key);
    end(length);
}

void BackendWriter::ready_for_query(TransactionStatus status)
{
    const auto length = begin(backend::ready_for_query);
    add_byte(static_cast<char>(status));
    end(length);
}

void BackendWriter::fields_message(char type, const ErrorFields& fields)
{
    const auto length = begin(type);
    const auto add = [&](char kind, const std::string& value) {
        if (value.empty())
            return;
        add_byte(kind);
        add_text(value);
    };
    add(field::severity, fields.severity);
    add(field::severity_untranslated, fields.severity);
    add(field::sqlstate, fields.sqlstate);
    add(field::message, fields.message);
    add(field::detail, fields.detail);
    add(field::hint, fields.hint);
    add(field::position, fields.position);
    add(field::where, fields.where);
    add(field::schema, fields.schema);
    add(field::table, fields.table);
    add(field::column, fields.column);
    add(field::constraint, fields.constraint);
    add_byte(end_of_fields);
    end(length);
}

void BackendWriter::row_description(const std::vector<ColumnDescription>& columns)
{
    const auto length = begin(backend::row_description);
    add_int16(columns.size());
    for (const auto& column : columns) {
        add_text(column.name);
        add_int32(0); // no table
        add_int16(0);
        add_int32(column.type);
        add_int16(0xffff); // variable size
        add_int32(-1);
        add_int16(0); // text
    }
    end(length);
}

void BackendWriter::data_row(const std::vector<std::optional<std::string>>& values)
{
    const auto length = begin(backend::data_row);
    add_int16(values.size());
    for (const auto& value : values)
        add_value(value);
    end(length);
}

void BackendWriter::command_complete(std::string_view tag)
{
    const auto length = begin(backend::command_complete);
    add_text(tag);
    end(length);
}

void BackendWriter::negotiate_protocol_version(const std::vector<std::string>& unknown_options)
{
    const auto length = begin(backend::negotiate_protocol_version);
    add_int32(protocol_3_0);
    add_int32(static_cast<std::int64_t>(unknown_options.size()));
    for (const auto& option : unknown_options)
        add_text(option);
    end(length);
}

Authentication authentication_kind(std::string_view body)
{
    return static_cast<Authentication>(Reader(body).int32());
}

std::pair<std::string_view, std::string_view> parameter_status(std::string_view body)
{
    Reader reader(body);
    const auto name = reader.text();
    return {name, reader.text()};
}

ErrorFields error_fields(std::string_view body)
{
    Reader reader(body);
    ErrorFields fields;
    for (;;) {
        const auto kind = static_cast<char>(reader.byte());
        if (kind == end_of_fields)
            return fields;
        const auto value = reader.text();
        switch (kind) {
        case field::severity:
            fields.severity = value;
            break;
        case field::sqlstate:
            fields.sqlstate = value;
            break;
        case field::message:
            fields.message = value;
            break;
        case field::detail:
            fields.detail = value;
            break;
        case field::hint:
            fields.hint = value;
            break;
        case field::position:
            fields.position = value;
            break;
        case field::where:
            fields.where = value;
            break;
        case field::schema:
            fields.schema = value;
            break;
        case field::table:
            fields.table = value;
            break;
        case field::column:
            fields.column = value;
            break;
        case field::constraint:
            fields.constraint = value;
            break;
        default:
            break;
        }
    }
}

std::vector<ColumnDescription> row_description(std::string_view body)
{
    Reader reader(body);
    const std::size_t count = reader.int16();
    std::vector<ColumnDescription> columns;
    columns.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = reader.text();
        reader.take(6); // the table and the column there
        const auto type = reader.uint32();
        reader.take(8); // the type's size and modifier, the format
        columns.push_back({std::string(name), type});
    }
    return columns;
}

std::vector<std::optional<std::string_view>> data_row(std::string_view body)
{
    Reader reader(body);
    const std::size_t count = reader.int16();
    std::vector<std::optional<std::string_view>> values;
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(reader.value());
    return values;
}

std::string_view command_tag(std::string_view body)
{
    return Reader(body).text();
}

std::uint64_t affected_rows(std::string_view tag)
{
    if (!tag.starts_with("INSERT ") && !tag.starts_with("UPDATE ") && !tag.starts_with("DELETE ") &&
        !tag.starts_with("MERGE "))
        return 0;
    return parse_number<std::uint64_t>(tag.substr(tag.rfind(' ') + 1)).value_or(0);
}

} // namespace nimbus::pgwire
