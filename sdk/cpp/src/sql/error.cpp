#include <nimbus/sql_error.hpp>
#include <utility>

namespace nimbus::sql {

namespace {

std::string sentence(const error_fields& fields)
{
    std::string text;
    if (fields.statement > 0)
        text = "statement " + std::to_string(fields.statement) + ": ";
    text += fields.message;
    return fields.hint.empty() ? text : text + " (" + fields.hint + ")";
}

bool is_access_denied(const error_fields& fields)
{
    return fields.sqlstate == "28000" || fields.sqlstate == "28P01" ||
           ((fields.sqlstate == "08006" || fields.sqlstate == "08P01") &&
            fields.message.find("access denied") != std::string::npos);
}

} // namespace

error::error(error_fields fields) : std::runtime_error(sentence(fields)), fields_(std::move(fields))
{
}

void detail::set_statement(error& of, std::size_t number)
{
    of.fields_.statement = number;
    static_cast<std::runtime_error&>(of) = std::runtime_error(sentence(of.fields_));
}

void throw_error(error_fields fields)
{
    const std::string state = fields.sqlstate;
    const auto in_class = [&](std::string_view prefix) { return state.starts_with(prefix); };

    if (state == "23505")
        throw unique_violation(std::move(fields));
    if (state == "23503")
        throw foreign_key_violation(std::move(fields));
    if (state == "23502")
        throw not_null_violation(std::move(fields));
    if (state == "23514")
        throw check_violation(std::move(fields));
    if (in_class("23"))
        throw constraint_violation(std::move(fields));
    if (state == "22001")
        throw string_too_long(std::move(fields));
    if (state == "22P02")
        throw invalid_text(std::move(fields));
    if (in_class("22"))
        throw data_error(std::move(fields));
    if (state == "42601")
        throw syntax_error(std::move(fields));
    if (state == "42P01" || state == "3F000") {
        if (fields.hint.empty())
            fields.hint = "was the schema initialised?";
        throw undefined_table(std::move(fields));
    }
    if (state == "42703")
        throw undefined_column(std::move(fields));
    if (state == "42501") {
        if (fields.hint.empty())
            fields.hint = "the function's database role may use its own schema only";
        throw insufficient_privilege(std::move(fields));
    }
    if (state == "0A000")
        throw feature_not_supported(std::move(fields));
    if (state == "40001")
        throw serialization_failure(std::move(fields));
    if (in_class("53") || in_class("54"))
        throw limit_exceeded(std::move(fields));
    if (is_access_denied(fields)) {
        if (fields.hint.empty())
            fields.hint = "the function's IAM role is not mapped to this database role: deploy "
                          "again";
        throw access_denied(std::move(fields));
    }
    if (in_class("42"))
        throw usage_error(std::move(fields));
    if (in_class("08") || in_class("57P"))
        throw connection_error(std::move(fields));
    throw error(std::move(fields));
}

} // namespace nimbus::sql
