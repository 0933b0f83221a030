#include "local/services/form.h"

#include "base/number.h"

namespace nimbus::local {

void throw_validation_error(const std::string& message)
{
    throw ServiceError(400, "ValidationError", message);
}

std::optional<std::string> form_value(const Call& call, std::string_view name)
{
    for (const auto& [key, value] : call.form)
        if (key == name)
            return value;
    return std::nullopt;
}

std::string required_form_value(const Call& call, std::string_view name)
{
    auto value = form_value(call, name).value_or("");
    if (value.empty()) {
        auto member = std::string(name);
        if (!member.empty() && member[0] >= 'A' && member[0] <= 'Z')
            member[0] = static_cast<char>(member[0] - 'A' + 'a');
        throw_validation_error("1 validation error detected: Value at '" + member +
                               "' failed to satisfy constraint: Member must not be null");
    }
    return value;
}

std::optional<int> form_integer(const Call& call, std::string_view name, int least, int most)
{
    const auto text = form_value(call, name);
    if (!text)
        return std::nullopt;
    const auto value = parse_number<int>(*text);
    if (!value || *value < least || *value > most)
        throw_validation_error("Value '" + *text + "' at '" + std::string(name) +
                               "' must be an integer between " + std::to_string(least) + " and " +
                               std::to_string(most));
    return value;
}

std::vector<std::string> form_list(const Call& call, std::string_view name)
{
    std::vector<std::string> result;
    for (std::size_t i = 1;; ++i) {
        auto value = form_value(call, std::string(name) + ".member." + std::to_string(i));
        if (!value)
            return result;
        result.push_back(std::move(*value));
    }
}

} // namespace nimbus::local
