#pragma once

#include <cstdint>
#include <nimbus/detail/sql_mapping.hpp>
#include <nimbus/sql_error.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The client's half of PostgreSQL's protocol 3.0: PostgreSQL documentation, "Message Formats".
/// Bytes only, no I/O.
namespace nimbus::sql::detail {

/// Messages to the server, one after the other in one buffer.
class MessageWriter {
public:
    void ssl_request();
    void startup(const std::vector<std::pair<std::string_view, std::string_view>>& parameters);
    void password(std::string_view password);
    void parse(std::string_view statement, std::string_view text);
    void bind(std::string_view statement, const parameter_list& parameters);
    void describe_portal();
    void execute();
    void sync();
    void terminate();

    const std::string& bytes() const noexcept { return bytes_; }

private:
    std::size_t begin(char type);
    void end(std::size_t length_position);
    void add_int16(std::size_t value);
    void add_int32(std::int64_t value);
    void add_text(std::string_view text);

    std::string bytes_;
};

/// One message from the server.
struct Message {
    char type;
    std::string_view body;
};

/// The message that `buffer` begins with, if it is there in full; it takes `size_of(message)`
/// bytes. Throws connection_error when that cannot be a message.
std::optional<Message> first_message(std::string_view buffer);
inline std::size_t size_of(const Message& message)
{
    return message.body.size() + 5;
}

/// The value of an Authentication message: 0 ok, 3 cleartext password.
std::int32_t authentication_kind(std::string_view body);
std::vector<result::column> row_description(std::string_view body);
void add_data_row(std::string_view body, result& to);
/// The number in INSERT 0 3, UPDATE 2, DELETE 1; 0 for other tags.
std::uint64_t affected_rows(std::string_view command_complete);
error_fields error_response(std::string_view body);

} // namespace nimbus::sql::detail
