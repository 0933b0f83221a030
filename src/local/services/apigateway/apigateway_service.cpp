#include "local/services/apigateway/apigateway_service.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/number.h"
#include "base/random.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"

#include <algorithm>

namespace nimbus::local::apigateway_api {
namespace {

/// API Gateway's permissions are named by HTTP method, on the path below /v2.
std::string resource(const Call& call)
{
    // As operations are matched: whatever the client escaped, and with or without a slash behind.
    auto path = percent_decode(call.request.path().substr(3));
    if (path.ends_with('/'))
        path.pop_back();
    return Arn{.service = "apigateway", .region = call.region, .resource = std::move(path)}
        .to_string();
}

std::string_view action(std::string_view method)
{
    if (method == "GET")
        return "apigateway:GET";
    if (method == "POST")
        return "apigateway:POST";
    if (method == "PATCH")
        return "apigateway:PATCH";
    return "apigateway:DELETE";
}

} // namespace

Operation entry(ApiStore& store, std::string_view name, std::string_view method,
                std::string_view path, Plain answer)
{
    return {.name = name,
            .method = method,
            .path = path,
            .action = action(method),
            .resource = resource,
            .answer = Answer([&store, answer](Call& call) { return answer(store, call); })};
}

void throw_not_found(const std::string& message)
{
    throw ServiceError(404, "NotFoundException", message);
}

void throw_bad_request(const std::string& message)
{
    throw ServiceError(400, "BadRequestException", message);
}

void throw_conflict(const std::string& message)
{
    throw ServiceError(409, "ConflictException", message);
}

json::object& need_part(json::object& document, std::string_view kind, const std::string& id)
{
    auto& parts = document.at(kind).as_object();
    auto* part = parts.if_contains(id);
    if (part == nullptr) {
        auto noun = std::string(kind.substr(0, kind.size() - 1));
        noun[0] = static_cast<char>(noun[0] - 'a' + 'A');
        throw_not_found("Invalid " + noun + " identifier specified");
    }
    return part->as_object();
}

void take(const json::object& input, json::object& target, std::span<const std::string_view> names)
{
    for (const auto name : names)
        if (const auto* value = input.if_contains(name); value != nullptr && !value->is_null())
            target[name] = *value;
}

namespace {

} // namespace

void refuse_given(const json::object& input, std::string_view what,
                  std::span<const std::string_view> names)
{
    for (const auto name : names)
        if (const auto* value = input.if_contains(name); value != nullptr && !says_nothing(*value))
            throw_bad_request("The local cloud's " + std::string(what) + " have no " +
                              std::string(name) + ": leave it out.");
}

http::Response page(const Call& call, const std::vector<json::object>& items)
{
    const auto number = [&](std::string_view name, std::size_t otherwise) {
        const auto text = call.parameter(name);
        if (!text)
            return otherwise;
        const auto value = parse_number<std::size_t>(*text);
        if (!value)
            throw_bad_request("Invalid value for " + std::string(name));
        return *value;
    };
    const auto first = std::min(number("nextToken", 0), items.size());
    const auto size = std::clamp<std::size_t>(number("maxResults", 500), 1, 500);
    const auto last = std::min(items.size(), first + size);
    json::array list;
    for (auto i = first; i < last; ++i)
        list.emplace_back(items[i]);
    json::object body{{"items", std::move(list)}};
    if (last < items.size())
        body["nextToken"] = std::to_string(last);
    return json_answer(body);
}

std::vector<json::object> values(const json::object& parts)
{
    std::vector<json::object> result;
    for (const auto& [id, part] : parts)
        result.push_back(part.as_object());
    return result;
}

std::string new_id(std::size_t length)
{
    return random_text(length, "abcdefghijklmnopqrstuvwxyz0123456789");
}

json::object checked_tags(const json::object& input)
{
    const auto tags = Input(input, "BadRequestException")
                          .map("tags")
                          .value_or(std::map<std::string, std::string>{});
    if (tags.size() > 50)
        throw_bad_request("A resource has at most 50 tags");
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() > 128 || value.size() > 256 || key.starts_with("aws:"))
            throw_bad_request("Invalid tag: " + key);
    return map_to_json(tags);
}

} // namespace nimbus::local::apigateway_api

namespace nimbus::local {

Service make_apigateway_service(ApiStore& store)
{
    Service service{.signing_name = "apigateway",
                    .protocol = Protocol::rest_json,
                    .inputs = apigateway_inputs(),
                    .input_error = "BadRequestException"};
    service.add(apigateway_api_operations(store));
    service.add(apigateway_part_operations(store));
    service.add(apigateway_stage_operations(store));
    service.claims = [](const http::Request& request) {
        return request.path().starts_with("/v2/");
    };
    service.attach = [&store](const DataPlanes& planes) { store.attach(planes.apis); };
    service.detach = [&store] { store.detach(); };
    return service;
}

} // namespace nimbus::local
