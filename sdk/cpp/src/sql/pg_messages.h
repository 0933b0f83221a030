#pragma once

#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <cstdint>
#include <nimbus/detail/sql_mapping.hpp>
#include <nimbus/sql_error.hpp>
#include <optional>
#include <string_view>

/// What the server says, in the library's own terms. Bytes only, no I/O.
namespace nimbus::sql::detail {

using pgwire::Message;
using MessageWriter = pgwire::FrontendWriter;

/// The message that `buffer` begins with, if it is there in full. Like all below, throws
/// connection_error when the bytes cannot be a message.
std::optional<Message> first_message(std::string_view buffer);

pgwire::Authentication authentication_kind(std::string_view body);
pgwire::CancelKey backend_key_data(std::string_view body);
std::vector<result::column> row_description(std::string_view body);
void add_data_row(std::string_view body, result& to);
/// The number in INSERT 0 3, UPDATE 2, DELETE 1, COPY 5; 0 for other tags.
std::uint64_t affected_rows(std::string_view command_complete);
error_fields error_response(std::string_view body);

} // namespace nimbus::sql::detail
