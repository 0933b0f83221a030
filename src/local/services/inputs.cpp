#include "local/services/inputs.h"

#include <algorithm>

namespace nimbus::local {

const json::value* Input::find(std::string_view name) const
{
    const auto* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void Input::refuse(const std::string& message) const
{
    throw ServiceError(400, std::string(code_), message);
}

void Input::wrong_type(std::string_view name, std::string_view expected) const
{
    refuse("1 validation error detected: Value at '" + std::string(name) +
           "' failed to satisfy constraint: Member must be " + std::string(expected));
}

bool Input::has(std::string_view name) const
{
    return find(name) != nullptr;
}

std::optional<std::string> Input::text(std::string_view name) const
{
    const auto* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_string())
        wrong_type(name, "a string");
    return std::string(value->get_string());
}

std::string Input::required_text(std::string_view name) const
{
    auto value = text(name);
    if (!value)
        refuse("1 validation error detected: Value at '" + std::string(name) +
               "' failed to satisfy constraint: Member must not be null");
    return std::move(*value);
}

std::optional<std::int64_t> Input::integer(std::string_view name, std::int64_t least,
                                           std::int64_t most) const
{
    const auto* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    const auto number = integer_member(object_, name);
    if (!number)
        wrong_type(name, "an integer");
    const auto text = std::to_string(*number);
    if (*number < least)
        refuse("1 validation error detected: Value '" + text + "' at '" + std::string(name) +
               "' failed to satisfy constraint: Member must have value greater than or equal to " +
               std::to_string(least));
    if (*number > most)
        refuse("1 validation error detected: Value '" + text + "' at '" + std::string(name) +
               "' failed to satisfy constraint: Member must have value less than or equal to " +
               std::to_string(most));
    return number;
}

std::optional<bool> Input::boolean(std::string_view name) const
{
    const auto* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_bool())
        wrong_type(name, "a boolean");
    return value->get_bool();
}

std::optional<SystemTime> Input::timestamp(std::string_view name) const
{
    constexpr double year_2200 = 7'258'118'400.0;
    const auto* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    const auto seconds = value->is_number() ? value->to_number<double>() : -1.0;
    if (!(seconds >= 0.0 && seconds < year_2200))
        wrong_type(name, "a timestamp of the years 1970 to 2199");
    return from_unix_milliseconds(static_cast<std::int64_t>(seconds * 1000.0));
}

const json::object* Input::object(std::string_view name) const
{
    const auto* value = find(name);
    if (value != nullptr && !value->is_object())
        wrong_type(name, "an object");
    return value == nullptr ? nullptr : &value->get_object();
}

const json::array* Input::array(std::string_view name) const
{
    const auto* value = find(name);
    if (value != nullptr && !value->is_array())
        wrong_type(name, "a list");
    return value == nullptr ? nullptr : &value->get_array();
}

std::optional<std::map<std::string, std::string>> Input::map(std::string_view name) const
{
    const auto* members = object(name);
    if (members == nullptr)
        return std::nullopt;
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : *members) {
        if (!value.is_string())
            wrong_type(name, "a map of strings");
        result[key] = std::string(value.get_string());
    }
    return result;
}

bool says_nothing(const json::value& value)
{
    if (const auto* object = value.if_object())
        return std::ranges::all_of(*object,
                                   [](const auto& member) { return says_nothing(member.value()); });
    const auto* list = value.if_array();
    return value.is_null() || value == json::value("") || value == json::value(false) ||
           (list != nullptr && list->empty());
}

json::object map_to_json(const std::map<std::string, std::string>& map)
{
    json::object result;
    for (const auto& [key, value] : map)
        result[key] = value;
    return result;
}

} // namespace nimbus::local
