#pragma once

#include <string>

namespace nimbus::local::dsql {

/// An error in DSQL's words.
struct Refusal {
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    /// In the text of the statement, from 1 and in characters; 0: nowhere in it.
    int position = 0;
};

namespace sqlstate {
inline constexpr const char* feature_not_supported = "0A000";
inline constexpr const char* protocol_violation = "08P01";
inline constexpr const char* connection_failure = "08006";
inline constexpr const char* invalid_parameter_value = "22023";
inline constexpr const char* character_not_in_repertoire = "22021";
inline constexpr const char* invalid_authorization = "28000";
inline constexpr const char* invalid_password = "28P01";
inline constexpr const char* foreign_key_violation = "23503";
inline constexpr const char* unique_violation = "23505";
inline constexpr const char* invalid_cursor_name = "34000";
inline constexpr const char* invalid_catalog_name = "3D000";
inline constexpr const char* serialization_failure = "40001";
inline constexpr const char* deadlock_detected = "40P01";
inline constexpr const char* insufficient_privilege = "42501";
inline constexpr const char* syntax_error = "42601";
inline constexpr const char* undefined_object = "42704";
inline constexpr const char* too_many_columns = "54011";
inline constexpr const char* program_limit_exceeded = "54000";
inline constexpr const char* statement_too_complex = "54001";
inline constexpr const char* lock_not_available = "55P03";
inline constexpr const char* query_canceled = "57014";
inline constexpr const char* admin_shutdown = "57P01";
inline constexpr const char* cannot_connect_now = "57P03";
inline constexpr const char* internal_error = "XX000";
} // namespace sqlstate

/// The server starts, stops or was ended: PostgreSQL's class 57, "Operator Intervention", but for
/// a statement that was cancelled.
inline bool is_shutdown(const Refusal& refusal)
{
    return refusal.sqlstate.starts_with("57P");
}

} // namespace nimbus::local::dsql
