#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

/// What can go wrong with SQL, by type. The classes follow SQLSTATE (PostgreSQL's documentation,
/// appendix A, "PostgreSQL Error Codes"); every one derives from nimbus::sql::error.
namespace nimbus::sql {

/// What the server said about a failure; empty where it said nothing.
struct error_fields {
    std::string sqlstate{}; ///< five characters; empty when the failure is not the server's
    std::string message{};
    std::string detail{};
    std::string hint{};
    std::string constraint{};
    std::string table{};
    std::string column{};
    std::size_t statement = 0; ///< which of a pipeline's, from 1; 0 when there was only one
};

class error;

namespace detail {
/// Says of a failure which statement of a pipeline it is about, from 1.
void set_statement(error& of, std::size_t number);
} // namespace detail

/// `what()` is the message, after "statement 2: " where it was one of several, then the hint in
/// parentheses where there is one.
class error : public std::runtime_error {
public:
    explicit error(error_fields fields);

    const std::string& sqlstate() const noexcept { return fields_.sqlstate; }
    const std::string& message() const noexcept { return fields_.message; }
    const std::string& detail() const noexcept { return fields_.detail; }
    const std::string& hint() const noexcept { return fields_.hint; }
    /// The violated constraint's name: users_email_key.
    const std::string& constraint() const noexcept { return fields_.constraint; }
    const std::string& table() const noexcept { return fields_.table; }
    const std::string& column() const noexcept { return fields_.column; }
    /// Which statement of a pipeline failed, from 1; 0 when there was only one.
    std::size_t statement() const noexcept { return fields_.statement; }

    const error_fields& fields() const noexcept { return fields_; }

private:
    friend void detail::set_statement(error& of, std::size_t number);

    error_fields fields_;
};

// --- the data do not allow it: class 23 ---------------------------------------------------------

class constraint_violation : public error {
public:
    using error::error;
};
class unique_violation : public constraint_violation { // 23505
public:
    using constraint_violation::constraint_violation;
};
class foreign_key_violation : public constraint_violation { // 23503
public:
    using constraint_violation::constraint_violation;
};
class not_null_violation : public constraint_violation { // 23502
public:
    using constraint_violation::constraint_violation;
};
class check_violation : public constraint_violation { // 23514
public:
    using constraint_violation::constraint_violation;
};

// --- a value does not fit its type: class 22 ----------------------------------------------------

class data_error : public error {
public:
    using error::error;
};
class string_too_long : public data_error { // 22001
public:
    using data_error::data_error;
};
class invalid_text : public data_error { // 22P02: 'abc' for a uuid
public:
    using data_error::data_error;
};

// --- the statement is wrong: class 42, 0A ------------------------------------------------------

class syntax_error : public error { // 42601
public:
    using error::error;
};
class undefined_table : public error { // 42P01, 3F000
public:
    using error::error;
};
class undefined_column : public error { // 42703
public:
    using error::error;
};
class insufficient_privilege : public error { // 42501
public:
    using error::error;
};
class feature_not_supported : public error { // 0A000: what DSQL leaves out of PostgreSQL
public:
    using error::error;
};

// --- others were faster, or the server is short of something: classes 40, 53, 54 ---------------

/// DSQL's optimistic concurrency control: run the transaction again, as database::transaction does.
class serialization_failure : public error { // 40001
public:
    using error::error;
};
class limit_exceeded : public error { // 53xxx, 54000: connections, rows per transaction, …
public:
    using error::error;
};

// --- no answer from the server ------------------------------------------------------------------

/// Not reached, or lost; class 08, 57P. Whether a statement under way took effect is unknown.
class connection_error : public error {
public:
    using error::error;
};
/// Reached, but the token or the role was refused: 08006 or 08P01 "access denied", 28000.
class access_denied : public connection_error {
public:
    using connection_error::connection_error;
};
/// The invocation's time was over before the answer came.
class timeout : public connection_error {
public:
    using connection_error::connection_error;
};

// --- the program is wrong -----------------------------------------------------------------------

/// query_one found no row.
class no_rows : public error {
public:
    using error::error;
};
/// query_one or query_optional found more than one.
class too_many_rows : public error {
public:
    using error::error;
};
/// A row does not fit the C++ type: a column is missing, is NULL, or holds something else.
class mapping_error : public error {
public:
    using error::error;
};
/// Misuse: a transaction inside a transaction, the database itself used inside one; and a statement
/// that cannot run whatever the data are: more or fewer arguments than it has parameters (08P01),
/// types that do not go together, a function that does not exist (42xxx without a class above).
class usage_error : public error {
public:
    using error::error;
};

/// Throws the class that belongs to `fields.sqlstate`.
[[noreturn]] void throw_error(error_fields fields);

} // namespace nimbus::sql
