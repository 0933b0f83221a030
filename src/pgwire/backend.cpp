#include "pgwire/backend.h"

#include "base/number.h"

namespace nimbus::pgwire {

void BackendWriter::authentication_ok()
{
    const auto length = begin('R');
    add_int32(0);
    end(length);
}

void BackendWriter::authentication_cleartext_password()
{
    const auto length = begin('R');
    add_int32(3);
    end(length);
}

void BackendWriter::parameter_status(std::string_view name, std::string_view value)
{
    const auto length = begin('S');
    add_text(name);
    add_text(value);
    end(length);
}

void BackendWriter::backend_key_data(std::uint32_t process_id, std::uint32_t secret_key)
{
    const auto length = begin('K');
    add_int32(process_id);
    add_int32(secret_key);
    end(length);
}

void BackendWriter::ready_for_query(char status)
{
    const auto length = begin('Z');
    add_byte(status);
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
    add('S', fields.severity);
    add('V', fields.severity);
    add('C', fields.sqlstate);
    add('M', fields.message);
    add('D', fields.detail);
    add('H', fields.hint);
    add('W', fields.where);
    add('t', fields.table);
    add('c', fields.column);
    add('n', fields.constraint);
    add_byte('\0');
    end(length);
}

void BackendWriter::row_description(const std::vector<ColumnDescription>& columns)
{
    const auto length = begin('T');
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
    const auto length = begin('D');
    add_int16(values.size());
    for (const auto& value : values)
        add_value(value);
    end(length);
}

void BackendWriter::command_complete(std::string_view tag)
{
    const auto length = begin('C');
    add_text(tag);
    end(length);
}

void BackendWriter::negotiate_protocol_version(const std::vector<std::string>& unknown_options)
{
    const auto length = begin('v');
    add_int32(196'608);
    add_int32(static_cast<std::int64_t>(unknown_options.size()));
    for (const auto& option : unknown_options)
        add_text(option);
    end(length);
}

std::int32_t authentication_kind(std::string_view body)
{
    return Reader(body).int32();
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
        if (kind == '\0')
            return fields;
        const auto value = reader.text();
        switch (kind) {
        case 'S':
            fields.severity = value;
            break;
        case 'C':
            fields.sqlstate = value;
            break;
        case 'M':
            fields.message = value;
            break;
        case 'D':
            fields.detail = value;
            break;
        case 'H':
            fields.hint = value;
            break;
        case 'W':
            fields.where = value;
            break;
        case 't':
            fields.table = value;
            break;
        case 'c':
            fields.column = value;
            break;
        case 'n':
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
