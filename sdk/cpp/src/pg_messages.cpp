#include "pg_messages.h"

#include <charconv>
#include <limits>

namespace nimbus::sql::detail {

namespace {

constexpr std::int32_t protocol_3_0 = 196'608;
constexpr std::int32_t ssl_request_code = 80'877'103;
/// Nothing that DSQL sends is larger: its messages end at 10 MiB.
constexpr std::size_t max_message = 64 * 1024 * 1024;

[[noreturn]] void malformed()
{
    throw connection_error({.message = "the server sent something that is not PostgreSQL's "
                                       "protocol"});
}

/// Reads a message's body from left to right; throws where it is too short.
class Reader {
public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::string_view take(std::size_t count)
    {
        if (rest_.size() < count)
            malformed();
        const auto part = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return part;
    }
    std::uint32_t unsigned_number(std::size_t bytes)
    {
        std::uint32_t value = 0;
        for (const char c : take(bytes))
            value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }
    std::int32_t int32() { return static_cast<std::int32_t>(unsigned_number(4)); }
    std::size_t int16() { return unsigned_number(2); }
    std::string_view text()
    {
        const auto end = rest_.find('\0');
        if (end == std::string_view::npos)
            malformed();
        const auto part = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return part;
    }

private:
    std::string_view rest_;
};

} // namespace

std::size_t MessageWriter::begin(char type)
{
    if (type)
        bytes_ += type;
    const auto position = bytes_.size();
    add_int32(0);
    return position;
}

void MessageWriter::end(std::size_t length_position)
{
    const auto length = static_cast<std::uint32_t>(bytes_.size() - length_position);
    for (std::size_t i = 0; i < 4; ++i)
        bytes_[length_position + i] = static_cast<char>(length >> (24 - 8 * i) & 0xff);
}

void MessageWriter::add_int16(std::size_t value)
{
    bytes_ += static_cast<char>(value >> 8 & 0xff);
    bytes_ += static_cast<char>(value & 0xff);
}

void MessageWriter::add_int32(std::int64_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes_ += static_cast<char>(value >> shift & 0xff);
}

void MessageWriter::add_text(std::string_view text)
{
    bytes_ += text;
    bytes_ += '\0';
}

void MessageWriter::ssl_request()
{
    const auto length = begin(0);
    add_int32(ssl_request_code);
    end(length);
}

void MessageWriter::startup(
    const std::vector<std::pair<std::string_view, std::string_view>>& parameters)
{
    const auto length = begin(0);
    add_int32(protocol_3_0);
    for (const auto& [name, value] : parameters) {
        add_text(name);
        add_text(value);
    }
    bytes_ += '\0';
    end(length);
}

void MessageWriter::password(std::string_view password)
{
    const auto length = begin('p');
    add_text(password);
    end(length);
}

void MessageWriter::parse(std::string_view statement, std::string_view text)
{
    const auto length = begin('P');
    add_text(statement);
    add_text(text);
    add_int16(0);
    end(length);
}

void MessageWriter::bind(std::string_view statement, const parameter_list& parameters)
{
    const auto length = begin('B');
    add_text("");
    add_text(statement);
    add_int16(0);
    add_int16(parameters.size());
    for (const auto& each : parameters) {
        if (!each) {
            add_int32(-1);
            continue;
        }
        add_int32(static_cast<std::int64_t>(each->size()));
        bytes_ += *each;
    }
    add_int16(0);
    end(length);
}

void MessageWriter::describe_portal()
{
    const auto length = begin('D');
    bytes_ += 'P';
    add_text("");
    end(length);
}

void MessageWriter::execute()
{
    const auto length = begin('E');
    add_text("");
    add_int32(0);
    end(length);
}

void MessageWriter::sync()
{
    end(begin('S'));
}

void MessageWriter::terminate()
{
    end(begin('X'));
}

std::optional<Message> first_message(std::string_view buffer)
{
    if (buffer.size() < 5)
        return std::nullopt;
    const std::size_t length = Reader(buffer.substr(1)).unsigned_number(4);
    if (length < 4 || length > max_message)
        malformed();
    if (buffer.size() < length + 1)
        return std::nullopt;
    return Message{buffer.front(), buffer.substr(5, length - 4)};
}

std::int32_t authentication_kind(std::string_view body)
{
    return Reader(body).int32();
}

std::vector<result::column> row_description(std::string_view body)
{
    Reader reader(body);
    const auto count = reader.int16();
    std::vector<result::column> columns;
    columns.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = reader.text();
        reader.take(6); // the table and the column there
        const auto type = reader.unsigned_number(4);
        reader.take(8); // the type's size and modifier, the format
        columns.push_back({std::string(name), type});
    }
    return columns;
}

void add_data_row(std::string_view body, result& to)
{
    Reader reader(body);
    if (reader.int16() != to.columns.size())
        malformed();
    for (std::size_t i = 0; i < to.columns.size(); ++i) {
        const auto size = reader.int32();
        if (size < -1)
            malformed();
        to.add_field(size == -1 ? std::nullopt
                                : std::optional(reader.take(static_cast<std::size_t>(size))));
    }
}

std::uint64_t affected_rows(std::string_view command_complete)
{
    const auto tag = Reader(command_complete).text();
    if (!tag.starts_with("INSERT ") && !tag.starts_with("UPDATE ") && !tag.starts_with("DELETE ") &&
        !tag.starts_with("MERGE "))
        return 0;
    const auto number = tag.substr(tag.rfind(' ') + 1);
    std::uint64_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return value;
}

error_fields error_response(std::string_view body)
{
    Reader reader(body);
    error_fields fields;
    for (;;) {
        const char kind = reader.take(1).front();
        if (kind == '\0')
            return fields;
        const auto value = reader.text();
        switch (kind) {
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
        case 'n':
            fields.constraint = value;
            break;
        case 't':
            fields.table = value;
            break;
        case 'c':
            fields.column = value;
            break;
        default:
            break;
        }
    }
}

} // namespace nimbus::sql::detail
