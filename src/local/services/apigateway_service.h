#pragma once

#include "base/time.h"
#include "local/gateway/api.h"
#include "local/iam/document_table.h"
#include "local/services/service.h"

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace nimbus::local {

/// HTTP APIs with all that belongs to them, one document per API:
/// {"region", "port", "api": {…}, "integrations": {id: {…}}, "routes": {…}, "stages": {…},
/// "deployments": {…}}; the inner objects are as API Gateway answers them. Each change is published
/// to the data plane. Thread-safe.
class ApiStore {
public:
    ApiStore(sqlite::Database& database, std::string account_id, Clock clock);

    /// From here on changes are published. Opens and publishes the APIs that are there; tells, in
    /// sentences, which had to move to another port.
    std::vector<std::string> attach(ApiHost& host);
    void detach();

    /// Throws NotFoundException.
    json::object need(const Call& call);
    /// Opens a listener, fills in id, port and endpoint, stores and publishes.
    json::object create(const std::string& region, json::object api);
    /// Reads the call's API, changes it, stores and publishes it.
    void change(const Call& call, const std::function<void(json::object&)>& body);
    void erase(const Call& call);
    std::vector<json::object> list(const std::string& region);

    SystemTime now() const { return clock_(); }

private:
    void publish(const json::object& document);
    ApiHost& need_host();

    std::string account_id_;
    Clock clock_;
    DocumentTable table_;
    std::mutex mutex_;
    ApiHost* host_ = nullptr;
};

/// API Gateway v2: HTTP APIs with Lambda proxy integrations. `store` outlives the service.
Service make_apigateway_service(ApiStore& store);

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
/// {"items": […], "nextToken": …} of the parts, by maxResults and nextToken.
http::Response page(const Call& call, const std::vector<json::object>& items);
std::vector<json::object> values(const json::object& parts);
std::string new_id(std::size_t length);
/// The input's tags, checked.
json::object checked_tags(const json::object& input);

} // namespace apigateway_api
} // namespace nimbus::local
