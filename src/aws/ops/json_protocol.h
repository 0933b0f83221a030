#pragma once

#include "aws/operation.h"
#include "aws/ops/rest.h"
#include "base/json.h"
#include "base/time.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON as the rest-json and json 1.1 protocols write it. What is missing where it has to be, or
/// has another type, throws.
namespace nimbus::aws {

Encoded rest_request(std::string method, std::string path);
Encoded rest_request(std::string method, std::string path, const json::object& body);
/// json 1.1: the operation is named in a header.
Encoded target_request(const OperationInfo& operation, const json::object& body);

json::object body_of(const http::Response& response);
/// The same in an answer that is dropped when it was decoded: one of a call that is made often.
const json::object& body_in(const JsonDocument& answer);

/// Members of a request; left out when empty, 0 or absent.
void put(json::object& object, std::string_view key, const std::string& value);
void put(json::object& object, std::string_view key, int value);
void put(json::object& object, std::string_view key, const std::vector<std::string>& values);
void put(json::object& object, std::string_view key, const std::map<std::string, std::string>& map);
/// Sent also when it is empty, or 0: it replaces what is there.
template <class T>
void put_if_set(json::object& object, std::string_view key, const std::optional<T>& value)
{
    if (value)
        object[key] = *value;
}

json::object to_json(const std::map<std::string, std::string>& map);
/// Tags as services write them that have no map for these: [{"Key": …, "Value": …}].
json::array to_tag_list(const Tags& tags);

std::string required_string(const json::object& object, std::string_view key);
/// An array of texts; empty when there is none.
std::vector<std::string> text_list(const json::object& object, std::string_view key);
std::map<std::string, std::string> string_map(const json::object& object, std::string_view key);
/// The twin of to_tag_list; nothing when there is no such list.
Tags tag_list_member(const json::object& object, std::string_view key);
/// Seconds since 1970, with a fraction; nothing when it is missing or null.
std::optional<SystemTime> seconds_member(const json::object& object, std::string_view key);
SystemTime required_seconds(const json::object& object, std::string_view key);
/// A whole number of seconds that something lasts, not negative.
std::chrono::seconds required_duration(const json::object& object, std::string_view key);
/// Milliseconds since 1970.
std::optional<SystemTime> milliseconds_member(const json::object& object, std::string_view key);

/// What `decode` makes of each object in the array; nothing when there is no array.
template <class Decode>
auto list_of(const json::object& object, std::string_view key, Decode decode)
{
    std::vector<decltype(decode(object))> items;
    if (const auto* array = array_member(object, key)) {
        items.reserve(array->size());
        for (const auto& element : *array)
            items.push_back(decode(element.as_object()));
    }
    return items;
}

} // namespace nimbus::aws
