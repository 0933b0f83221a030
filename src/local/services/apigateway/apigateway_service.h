#pragma once

#include "local/services/apigateway/api_store.h"

#include <span>
#include <string>
#include <vector>

namespace nimbus::local {

/// API Gateway v2: HTTP APIs with Lambda proxy integrations. `store` outlives the service.
Service make_apigateway_service(ApiStore& store);
/// What its operations do with their input.
std::vector<InputMembers> apigateway_inputs();

std::vector<Operation> apigateway_api_operations(ApiStore& store);
std::vector<Operation> apigateway_part_operations(ApiStore& store);
std::vector<Operation> apigateway_stage_operations(ApiStore& store);

/// What those files share.
namespace apigateway_api {

using Plain = http::Response (*)(ApiStore&, Call&);

Operation entry(ApiStore& store, std::string_view name, std::string_view method,
                std::string_view path, Plain answer);
[[noreturn]] void throw_not_found(const std::string& message);
[[noreturn]] void throw_bad_request(const std::string& message);
[[noreturn]] void throw_conflict(const std::string& message);
/// The part ("routes", …) of that id or name; throws NotFoundException.
json::object& need_part(json::object& document, std::string_view kind, const std::string& id);
/// Copies the members that are given to `target`.
void take(const json::object& input, json::object& target, std::span<const std::string_view> names);
/// Members that API Gateway knows and the local cloud does not; `what` they belong to. Throws
/// BadRequestException where one of them says something: empty texts, lists and objects do not.
void refuse_given(const json::object& input, std::string_view what,
                  std::span<const std::string_view> names);
/// {"items": […], "nextToken": …} of the parts, by maxResults and nextToken.
http::Response page(const Call& call, const std::vector<json::object>& items);
std::vector<json::object> values(const json::object& parts);
std::string new_id(std::size_t length);
/// The input's tags, checked.
json::object checked_tags(const json::object& input);

} // namespace apigateway_api
} // namespace nimbus::local
