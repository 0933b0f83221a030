#include "aws/ops/form_protocol.h"

#include "base/encoding.h"

namespace nimbus::aws {

Form::Form(const OperationInfo& operation)
{
    append("Action", operation.name);
    append("Version", operation.service.api_version);
}

void Form::append(std::string_view name, std::string_view value)
{
    if (!text_.empty())
        text_ += '&';
    text_ += percent_encode(name);
    text_ += '=';
    text_ += percent_encode(value);
}

Form& Form::add(std::string_view name, std::string_view value)
{
    if (!value.empty())
        append(name, value);
    return *this;
}

Form& Form::add(std::string_view name, int value)
{
    if (value != 0)
        append(name, std::to_string(value));
    return *this;
}

Form& Form::add(const Tags& tags)
{
    int number = 0;
    for (const auto& [key, value] : tags) {
        const auto member = "Tags.member." + std::to_string(++number);
        append(member + ".Key", key);
        append(member + ".Value", value);
    }
    return *this;
}

Encoded Form::request() const
{
    return {.method = "POST",
            .path = "/",
            .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
            .body = text_};
}

} // namespace nimbus::aws
