#include "manifest/reader.h"

#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace nimbus::manifest {
namespace {

/// How a message names what was found: `the number 3`, `an object`.
std::string named(const json::value& value)
{
    switch (value.kind()) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return value.get_bool() ? "true" : "false";
    case json::kind::string:
        return "the string " + in_quotes(value.get_string());
    case json::kind::array:
        return "an array";
    case json::kind::object:
        return "an object";
    default:
        return "the number " + compact_json(value);
    }
}

std::string must_be(std::string_view allowed, const json::value& found)
{
    return "must be " + std::string(allowed) + ", not " + named(found);
}

} // namespace

std::optional<double> whole_number(const json::value& value)
{
    if (!value.is_number())
        return {};
    const auto number = value.to_number<double>();
    return std::trunc(number) == number ? std::optional(number) : std::nullopt;
}

ObjectReader::ObjectReader(const json::value& value, std::string path,
                           const std::vector<std::string_view>& fields, Problems& problems)
    : object_(value.if_object()), path_(std::move(path)), problems_(problems)
{
    if (object_ == nullptr) {
        problems_.add(path_, must_be("an object", value));
        return;
    }
    for (const auto& member : *object_) {
        const std::string_view key = member.key();
        if (std::ranges::find(fields, key) == fields.end())
            problems_.add(path_of(key), "there is no such field" + suggestion(key, fields));
    }
}

const json::value* ObjectReader::find(std::string_view field) const
{
    return object_ != nullptr ? object_->if_contains(field) : nullptr;
}

std::string ObjectReader::path_of(std::string_view field) const
{
    return member_path(path_, field);
}

void ObjectReader::report(std::string_view field, std::string message)
{
    problems_.add(path_of(field), std::move(message));
}

void ObjectReader::refuse(std::string_view field, std::string_view allowed)
{
    report(field, must_be(allowed, *find(field)));
}

const json::string* ObjectReader::string_at(std::string_view field, std::string_view allowed,
                                            bool required)
{
    const auto* value = find(field);
    if (value == nullptr) {
        if (required && object_ != nullptr)
            report(field, "is missing: it must be " + std::string(allowed));
        return nullptr;
    }
    const auto* text = value->if_string();
    if (text == nullptr)
        report(field, must_be(allowed, *value));
    return text;
}

std::string ObjectReader::required_text(std::string_view field, const TextRule& rule,
                                        const std::vector<std::string_view>& candidates)
{
    const auto* text = string_at(field, rule.allowed, true);
    if (text != nullptr && !rule.holds(*text))
        report(field, "must be " + std::string(rule.allowed) + ", not " + in_quotes(*text) +
                          suggestion(*text, candidates));
    return text != nullptr ? std::string(*text) : std::string();
}

std::string ObjectReader::required_text(std::string_view field,
                                        const std::function<std::string(std::string_view)>& check)
{
    const auto* text = string_at(field, "a string", true);
    if (text == nullptr)
        return {};
    if (const auto mistake = check(*text); !mistake.empty())
        report(field, mistake + ", not " + in_quotes(*text));
    return std::string(*text);
}

std::optional<std::string> ObjectReader::text(std::string_view field, const TextRule& rule)
{
    const auto* text = string_at(field, rule.allowed, false);
    if (text == nullptr)
        return {};
    if (!rule.holds(*text))
        report(field, "must be " + std::string(rule.allowed) + ", not " + in_quotes(*text));
    return std::string(*text);
}

std::optional<int> ObjectReader::integer(std::string_view field, int least, int most,
                                         std::string_view unit)
{
    const auto* value = find(field);
    if (value == nullptr)
        return {};
    const auto number = whole_number(*value);
    if (!number || *number < least || *number > most) {
        report(field, must_be("a whole number from " + std::to_string(least) + " to " +
                                  std::to_string(most) + ' ' + std::string(unit),
                              *value));
        return {};
    }
    return static_cast<int>(*number);
}

std::optional<bool> ObjectReader::boolean(std::string_view field)
{
    const auto* value = find(field);
    if (value == nullptr)
        return {};
    if (!value->is_bool()) {
        report(field, must_be("true or false", *value));
        return {};
    }
    return value->get_bool();
}

std::map<std::string, std::string> ObjectReader::text_map(std::string_view field)
{
    std::map<std::string, std::string> map;
    const auto* value = find(field);
    if (value == nullptr)
        return map;
    const auto* object = value->if_object();
    if (object == nullptr) {
        report(field, must_be("an object of strings", *value));
        return map;
    }
    for (const auto& member : *object) {
        const std::string key(member.key());
        if (const auto* text = member.value().if_string())
            map.emplace(key, *text);
        else
            problems_.add(member_path(path_of(field), key), must_be("a string", member.value()));
    }
    return map;
}

const json::array* ObjectReader::array_at(std::string_view field)
{
    const auto* value = find(field);
    if (value == nullptr)
        return nullptr;
    if (!value->is_array())
        report(field, must_be("an array", *value));
    return value->if_array();
}

std::optional<std::vector<std::string>> ObjectReader::text_list(std::string_view field)
{
    const auto* array = array_at(field);
    if (array == nullptr)
        return {};
    std::vector<std::string> list;
    for (std::size_t i = 0; i < array->size(); ++i) {
        const auto* text = (*array)[i].if_string();
        if (text == nullptr)
            problems_.add(indexed(path_of(field), i), must_be("a string", (*array)[i]));
        // Keeps the positions: what follows is reported under its own index.
        list.emplace_back(text != nullptr ? std::string_view(*text) : std::string_view());
    }
    return list;
}

std::optional<std::vector<std::string>> ObjectReader::text_or_list(std::string_view field)
{
    const auto* value = find(field);
    if (const auto* text = value != nullptr ? value->if_string() : nullptr)
        return std::vector{std::string(*text)};
    return text_list(field);
}

void ObjectReader::each(std::string_view field,
                        const std::function<void(const json::value&, const std::string&)>& read)
{
    const auto* array = array_at(field);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
        read((*array)[i], indexed(path_of(field), i));
}

} // namespace nimbus::manifest
