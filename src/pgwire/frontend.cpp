#include "pgwire/frontend.h"

namespace nimbus::pgwire {
namespace {

constexpr std::size_t startup_header_size = 8; ///< the length and the code

} // namespace

void FrontendWriter::ssl_request()
{
    const auto length = begin(0);
    add_int32(ssl_request_code);
    end(length);
}

void FrontendWriter::startup(
    std::span<const std::pair<std::string_view, std::string_view>> parameters)
{
    const auto length = begin(0);
    add_int32(protocol_3_0);
    for (const auto& [name, value] : parameters) {
        add_text(name);
        add_text(value);
    }
    add_byte('\0');
    end(length);
}

void FrontendWriter::cancel_request(std::uint32_t process_id, std::uint32_t secret_key)
{
    const auto length = begin(0);
    add_int32(cancel_request_code);
    add_int32(process_id);
    add_int32(secret_key);
    end(length);
}

void FrontendWriter::password(std::string_view password)
{
    const auto length = begin(frontend::password);
    add_text(password);
    end(length);
}

void FrontendWriter::query(std::string_view text)
{
    const auto length = begin(frontend::query);
    add_text(text);
    end(length);
}

void FrontendWriter::parse(std::string_view statement, std::string_view text)
{
    const auto length = begin(frontend::parse);
    add_text(statement);
    add_text(text);
    add_int16(0);
    end(length);
}

void FrontendWriter::parse(std::string_view statement, std::string_view text,
                           std::string_view types)
{
    const auto length = begin(frontend::parse);
    add_text(statement);
    add_text(text);
    add_bytes(types);
    end(length);
}

void FrontendWriter::bind(std::string_view portal, std::string_view statement,
                          std::string_view values)
{
    const auto length = begin(frontend::bind);
    add_text(portal);
    add_text(statement);
    add_bytes(values);
    end(length);
}

void FrontendWriter::bind(std::string_view statement,
                          std::span<const std::optional<std::string>> parameters)
{
    const auto length = begin(frontend::bind);
    add_text("");
    add_text(statement);
    add_int16(0);
    add_int16(parameters.size());
    for (const auto& each : parameters)
        add_value(each);
    add_int16(0);
    end(length);
}

void FrontendWriter::describe_portal()
{
    const auto length = begin(frontend::describe);
    add_byte(static_cast<char>(Named::portal));
    add_text("");
    end(length);
}

void FrontendWriter::execute(std::string_view portal)
{
    const auto length = begin(frontend::execute);
    add_text(portal);
    add_int32(0);
    end(length);
}

void FrontendWriter::close_portal(std::string_view portal)
{
    const auto length = begin(frontend::close);
    add_byte(static_cast<char>(Named::portal));
    add_text(portal);
    end(length);
}

void FrontendWriter::close_statement(std::string_view statement)
{
    const auto length = begin(frontend::close);
    add_byte(static_cast<char>(Named::statement));
    add_text(statement);
    end(length);
}

void FrontendWriter::copy_data(std::string_view bytes)
{
    const auto length = begin(frontend::copy_data);
    add_bytes(bytes);
    end(length);
}

void FrontendWriter::copy_done()
{
    end(begin(frontend::copy_done));
}

void FrontendWriter::copy_fail(std::string_view reason)
{
    const auto length = begin(frontend::copy_fail);
    add_text(reason);
    end(length);
}

void FrontendWriter::flush()
{
    end(begin(frontend::flush));
}

void FrontendWriter::sync()
{
    end(begin(frontend::sync));
}

void FrontendWriter::terminate()
{
    end(begin(frontend::terminate));
}

std::optional<StartupPacket> first_startup_packet(std::string_view buffer, std::size_t max_size)
{
    if (buffer.size() < 4)
        return std::nullopt;
    Reader reader(buffer);
    const std::size_t length = reader.uint32();
    if (length < startup_header_size)
        throw Malformed("the start-up packet's length is below 8");
    if (length > max_size)
        throw TooLong("the start-up packet is longer than allowed");
    if (buffer.size() < length)
        return std::nullopt;
    const auto code = reader.uint32();
    return StartupPacket{code, buffer.substr(startup_header_size, length - startup_header_size)};
}

std::vector<std::pair<std::string, std::string>> startup_parameters(std::string_view body)
{
    Reader reader(body);
    std::vector<std::pair<std::string, std::string>> parameters;
    for (;;) {
        const auto name = reader.text();
        if (name.empty())
            break;
        parameters.emplace_back(name, reader.text());
    }
    if (!reader.at_end())
        throw Malformed("the start-up packet goes on after its end");
    return parameters;
}

CancelKey cancel_key(std::string_view body)
{
    Reader reader(body);
    CancelKey key;
    key.process_id = reader.uint32();
    key.secret_key = reader.uint32();
    return key;
}

ParseBody parse_body(std::string_view body)
{
    Reader reader(body);
    ParseBody parse;
    parse.statement = reader.text();
    parse.text = reader.text();
    parse.types = reader.rest();
    const std::size_t count = reader.int16();
    reader.take(4 * count);
    if (!reader.at_end())
        throw Malformed("the Parse goes on after its end");
    return parse;
}

BindBody bind_body(std::string_view body)
{
    Reader reader(body);
    BindBody bind;
    bind.portal = reader.text();
    bind.statement = reader.text();
    bind.values = reader.rest();
    return bind;
}

NamedBody named_body(std::string_view body)
{
    Reader reader(body);
    NamedBody named;
    named.kind = static_cast<Named>(reader.byte());
    named.name = reader.text();
    return named;
}

} // namespace nimbus::pgwire
