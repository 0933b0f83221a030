#pragma once

#include "pgwire/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::pgwire {

/// The fields of an ErrorResponse or NoticeResponse that clients use (PostgreSQL documentation,
/// "Error and Notice Message Fields").
struct ErrorFields {
    std::string severity = "ERROR";
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string where;
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
    /// 'I' idle, 'T' in a transaction, 'E' in a failed one.
    void ready_for_query(char status);
    void error(const ErrorFields& fields) { fields_message('E', fields); }
    void notice(const ErrorFields& fields) { fields_message('N', fields); }
    void row_description(const std::vector<ColumnDescription>& columns);
    void data_row(const std::vector<std::optional<std::string>>& values);
    void command_complete(std::string_view tag);
    /// The answer NegotiateProtocolVersion: 3.0 and none of these options.
    void negotiate_protocol_version(const std::vector<std::string>& unknown_options);

private:
    void fields_message(char type, const ErrorFields& fields);
};

/// The value of an Authentication message: 0 ok, 3 cleartext password.
std::int32_t authentication_kind(std::string_view body);
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
