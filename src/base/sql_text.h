#pragma once

#include <string>
#include <string_view>

/// Names and values inside SQL statements of PostgreSQL, for statements that take no parameters.
namespace nimbus {

/// "text": an identifier (PostgreSQL manual, section 4.1.1). Its case is kept, and key words are
/// names in it. `text` must not hold a zero byte, which no statement can.
std::string quote_identifier(std::string_view text);

/// A table as people write it in SQL: "users", or with its schema, "shop"."users".
std::string quote_table(std::string_view written);

/// 'text': a string constant (section 4.1.2.1). Backslashes stand for themselves, as they do where
/// standard_conforming_strings is on, its default. `text` must not hold a zero byte.
std::string quote_literal(std::string_view text);

} // namespace nimbus
