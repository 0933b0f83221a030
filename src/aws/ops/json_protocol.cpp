#include "aws/ops/json_protocol.h"

#include "base/error.h"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace nimbus::aws {
namespace {

/// From 1970 until the end of the year 9999.
constexpr double max_seconds = 253'402'300'799.0;

[[noreturn]] void throw_no_object()
{
    throw Error("the answer is not a JSON object");
}

} // namespace

Encoded rest_request(std::string method, std::string path)
{
    return {.method = std::move(method), .path = std::move(path)};
}

Encoded rest_request(std::string method, std::string path, const json::object& body)
{
    return {.method = std::move(method),
            .path = std::move(path),
            .headers = {{"Content-Type", "application/json"}},
            .body = json::serialize(body)};
}

Encoded target_request(const OperationInfo& operation, const json::object& body)
{
    return {.method = "POST",
            .path = "/",
            .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                        {"X-Amz-Target", std::string(operation.service.target_prefix) + "." +
                                             std::string(operation.name)}},
            .body = json::serialize(body)};
}

json::object body_of(const http::Response& response)
{
    auto value = parse_json(response.body, "the answer");
    if (!value.is_object())
        throw_no_object();
    return std::move(value.get_object());
}

const json::object& body_in(const JsonDocument& answer)
{
    const auto* object = answer.root().if_object();
    if (object == nullptr)
        throw_no_object();
    return *object;
}

void put(json::object& object, std::string_view key, const std::string& value)
{
    if (!value.empty())
        object[key] = value;
}

void put(json::object& object, std::string_view key, int value)
{
    if (value != 0)
        object[key] = value;
}

void put(json::object& object, std::string_view key, const std::vector<std::string>& values)
{
    if (!values.empty())
        object[key] = json::array(values.begin(), values.end());
}

void put(json::object& object, std::string_view key, const std::map<std::string, std::string>& map)
{
    if (!map.empty())
        object[key] = to_json(map);
}

json::object to_json(const std::map<std::string, std::string>& map)
{
    json::object object;
    for (const auto& [key, value] : map)
        object[key] = value;
    return object;
}

json::array to_tag_list(const Tags& tags)
{
    json::array list;
    for (const auto& [key, value] : tags)
        list.push_back(json::object{{"Key", key}, {"Value", value}});
    return list;
}

std::string required_string(const json::object& object, std::string_view key)
{
    auto text = string_or_empty(object, key);
    if (text.empty())
        throw Error("the answer has no " + std::string(key));
    return text;
}

std::vector<std::string> text_list(const json::object& object, std::string_view key)
{
    std::vector<std::string> texts;
    if (const auto* list = array_member(object, key))
        for (const auto& text : *list)
            texts.emplace_back(text.as_string());
    return texts;
}

std::map<std::string, std::string> string_map(const json::object& object, std::string_view key)
{
    std::map<std::string, std::string> map;
    if (const auto* members = object_member(object, key))
        for (const auto& member : *members)
            map[member.key()] = member.value().as_string();
    return map;
}

Tags tag_list_member(const json::object& object, std::string_view key)
{
    Tags tags;
    if (const auto* list = array_member(object, key))
        for (const auto& tag : *list)
            tags[required_string(tag.as_object(), "Key")] =
                string_or_empty(tag.as_object(), "Value");
    return tags;
}

std::optional<SystemTime> seconds_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null())
        return {};
    const double seconds = value->is_number() ? value->to_number<double>() : -1;
    if (seconds < 0 || seconds > max_seconds)
        throw Error(std::string(key) + " in the answer is not a time");
    return from_unix_milliseconds(std::llround(seconds * 1000));
}

SystemTime required_seconds(const json::object& object, std::string_view key)
{
    const auto time = seconds_member(object, key);
    if (!time)
        throw Error("the answer has no " + std::string(key));
    return *time;
}

std::chrono::seconds required_duration(const json::object& object, std::string_view key)
{
    const auto seconds = integer_member(object, key);
    if (!seconds || *seconds < 0 || static_cast<double>(*seconds) > max_seconds)
        throw Error("the answer has no " + std::string(key) + " in seconds");
    return std::chrono::seconds(*seconds);
}

std::optional<SystemTime> milliseconds_member(const json::object& object, std::string_view key)
{
    const auto number = integer_member(object, key);
    if (!number)
        return {};
    if (*number < 0 || static_cast<double>(*number) > max_seconds * 1000)
        throw Error(std::string(key) + " in the answer is not a time");
    return from_unix_milliseconds(*number);
}

} // namespace nimbus::aws
