#pragma once

#include "pgwire/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::pgwire {

/// The types of what servers send.
namespace backend {
inline constexpr char authentication = 'R';
inline constexpr char backend_key_data = 'K';
inline constexpr char bind_complete = '2';
inline constexpr char close_complete = '3';
inline constexpr char command_complete = 'C';
inline constexpr char copy_both_response = 'W';
inline constexpr char copy_data = 'd';
inline constexpr char copy_in_response = 'G';
inline constexpr char copy_out_response = 'H';
inline constexpr char data_row = 'D';
inline constexpr char empty_query_response = 'I';
inline constexpr char error_response = 'E';
inline constexpr char negotiate_protocol_version = 'v';
inline constexpr char no_data = 'n';
inline constexpr char notice_response = 'N';
inline constexpr char notification_response = 'A';
inline constexpr char parameter_status = 'S';
inline constexpr char parse_complete = '1';
inline constexpr char portal_suspended = 's';
inline constexpr char ready_for_query = 'Z';
inline constexpr char row_description = 'T';
} // namespace backend

/// What an Authentication message says. A server may send others than these.
enum class Authentication : std::int32_t { ok = 0, cleartext_password = 3 };

/// The fields of an ErrorResponse or NoticeResponse that clients use (PostgreSQL documentation,
/// "Error and Notice Message Fields").
struct ErrorFields {
    std::string severity = "ERROR";
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string position; ///< in the statement, from 1 and in characters
    std::string where;
    std::string schema;
    std::string table;
    std::string column;
    std::string constraint;
};

struct ColumnDescription {
    std::string name;
    std::uint32_t type = 25; ///< the type's OID; 25 is text
};

/// What a server sends.
class BackendWriter : public Writer {
public:
    void authentication_ok();
    void authentication_cleartext_password();
    void parameter_status(std::string_view name, std::string_view value);
    void backend_key_data(std::uint32_t process_id, std::uint32_t secret_key);
    void ready_for_query(TransactionStatus status);
    void error(const ErrorFields& fields) { fields_message(backend::error_response, fields); }
    void notice(const ErrorFields& fields) { fields_message(backend::notice_response, fields); }
    void row_description(const std::vector<ColumnDescription>& columns);
    void data_row(const std::vector<std::optional<std::string>>& values);
    void command_complete(std::string_view tag);
    /// The answer NegotiateProtocolVersion: 3.0 and none of these options.
    void negotiate_protocol_version(const std::vector<std::string>& unknown_options);

private:
    void authentication(Authentication kind);
    void fields_message(char type, const ErrorFields& fields);
};

Authentication authentication_kind(std::string_view body);
std::pair<std::string_view, std::string_view> parameter_status(std::string_view body);
ErrorFields error_fields(std::string_view body);
std::vector<ColumnDescription> row_description(std::string_view body);
/// Points into the body.
std::vector<std::optional<std::string_view>> data_row(std::string_view body);
/// The tag of a CommandComplete.
std::string_view command_tag(std::string_view body);
/// The number in INSERT 0 3, UPDATE 2, DELETE 1, MERGE 1; 0 for other tags.
std::uint64_t affected_rows(std::string_view tag);

} // namespace nimbus::pgwire
