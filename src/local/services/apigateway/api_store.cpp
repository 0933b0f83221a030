#include "local/services/apigateway/api_store.h"

#include "base/error.h"
#include "base/text.h"
#include "local/services/apigateway/apigateway_service.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace apigateway_api;

/// The function's ARN out of an integration's URI, which is that ARN or API Gateway's path to its
/// invocation.
std::string function_of(std::string_view uri)
{
    constexpr std::string_view mark = ":lambda:path/2015-03-31/functions/";
    constexpr std::string_view end = "/invocations";
    if (const auto at = uri.find(mark); at != std::string_view::npos) {
        uri.remove_prefix(at + mark.size());
        if (uri.ends_with(end))
            uri.remove_suffix(end.size());
    }
    return std::string(uri);
}

std::vector<std::string> texts(const json::object& object, std::string_view name)
{
    std::vector<std::string> result;
    if (const auto* list = array_member(object, name))
        for (const auto& one : *list)
            if (one.is_string())
                result.emplace_back(one.get_string());
    return result;
}

std::optional<Api::Cors> cors_of(const json::object& api)
{
    const auto* settings = object_member(api, "corsConfiguration");
    if (settings == nullptr)
        return std::nullopt;
    Api::Cors cors;
    cors.allow_credentials = bool_member(*settings, "allowCredentials").value_or(false);
    cors.allow_headers = texts(*settings, "allowHeaders");
    cors.allow_methods = texts(*settings, "allowMethods");
    cors.allow_origins = texts(*settings, "allowOrigins");
    cors.expose_headers = texts(*settings, "exposeHeaders");
    if (const auto seconds = integer_member(*settings, "maxAge"))
        cors.max_age_seconds = static_cast<int>(*seconds);
    return cors;
}

std::shared_ptr<const Api> snapshot(const json::object& document, const std::string& account_id)
{
    auto api = std::make_shared<Api>();
    const auto& own = document.at("api").as_object();
    api->id = string_or_empty(own, "apiId");
    api->name = string_or_empty(own, "name");
    api->region = string_or_empty(document, "region");
    api->account_id = account_id;
    api->cors = cors_of(own);
    if (!bool_member(own, "disableExecuteApiEndpoint").value_or(false))
        for (const auto& [name, stage] : document.at("stages").as_object())
            // A stage serves what was deployed to it, or everything at once.
            if (bool_member(stage.as_object(), "autoDeploy").value_or(false) ||
                stage.as_object().contains("deploymentId"))
                api->stages.emplace_back(name);
    const auto& integrations = document.at("integrations").as_object();
    constexpr std::string_view prefix = "integrations/";
    for (const auto& [id, route] : document.at("routes").as_object()) {
        const auto target = string_or_empty(route.as_object(), "target");
        if (!target.starts_with(prefix))
            continue;
        const auto* integration = integrations.if_contains(target.substr(prefix.size()));
        if (integration == nullptr)
            continue;
        const auto& settings = integration->as_object();
        api->routes.push_back(
            {.key = string_or_empty(route.as_object(), "routeKey"),
             .integration = {.function_arn =
                                 function_of(string_or_empty(settings, "integrationUri")),
                             .payload_format = string_or_empty(settings, "payloadFormatVersion"),
                             .timeout_milliseconds = static_cast<int>(
                                 integer_member(settings, "timeoutInMillis").value_or(30'000))}});
    }
    return api;
}

std::string endpoint(std::uint16_t port)
{
    return "http://127.0.0.1:" + std::to_string(port);
}

/// By which the port of an API is remembered.
std::string place_of(const std::string& region, const json::object& api)
{
    return region + "/" + string_or_empty(api, "name");
}

std::uint16_t port_of(const json::object& document)
{
    return static_cast<std::uint16_t>(integer_member(document, "port").value_or(0));
}

std::string id_of(const json::object& document)
{
    return string_or_empty(document.at("api").as_object(), "apiId");
}

} // namespace

ApiStore::ApiStore(sqlite::Database& database, std::string account_id, Clock clock, Log log)
    : account_id_(std::move(account_id)), clock_(std::move(clock)), log_(std::move(log)),
      table_(database, "apigateway_apis"), ports_(database, "apigateway_ports")
{
}

void ApiStore::attach(ApiHost& host)
{
    const MutexLock lock(mutex_);
    host_ = &host;
    for (auto& [id, document] : table_.list()) {
        auto& api = document.at("api").as_object();
        // Its port stays its own: the next start tries it again.
        const auto address = endpoint(open_here_or_elsewhere(host, id, api, port_of(document)));
        if (string_or_empty(api, "apiEndpoint") != address) {
            api["apiEndpoint"] = address;
            table_.put(id, document);
        }
        publish(document);
    }
}

std::uint16_t ApiStore::open_here_or_elsewhere(ApiHost& host, const std::string& id,
                                               const json::object& api, std::uint16_t port)
{
    try {
        return host.open(id, port);
    } catch (const Error& error) {
        const auto free_port = host.open(id, 0);
        log_.warning("The API " + string_or_empty(api, "name") + " is at " + endpoint(free_port) +
                         " until the next start",
                     {{"api", id}, {"reason", error.what()}});
        return free_port;
    }
}

void ApiStore::detach()
{
    const MutexLock lock(mutex_);
    if (host_ != nullptr)
        for (const auto& [id, document] : table_.list())
            host_->close(id);
    host_ = nullptr;
}

ApiHost& ApiStore::need_host()
{
    if (host_ == nullptr)
        throw ServiceError(500, "InternalServerErrorException",
                           "The local cloud is still starting.");
    return *host_;
}

void ApiStore::publish(const json::object& document)
{
    if (host_ != nullptr)
        host_->publish(snapshot(document, account_id_));
}

json::object ApiStore::need(const Call& call)
{
    const auto& id = call.label("apiId");
    auto document = table_.find(id);
    if (!document || string_or_empty(*document, "region") != call.region)
        throw_not_found("Invalid API identifier specified " + account_id_ + ":" + id);
    return std::move(*document);
}

std::uint16_t ApiStore::open_again(ApiHost& host, const std::string& id, const std::string& place)
{
    const auto remembered = ports_.find(place);
    if (remembered) {
        try {
            return host.open(id, port_of(*remembered));
        } catch (const Error&) { // somebody else has it
        }
    }
    return host.open(id, 0);
}

json::object ApiStore::create(const std::string& region, json::object api)
{
    const MutexLock lock(mutex_);
    auto& host = need_host();
    const auto id = new_id(10);
    const auto port = open_again(host, id, place_of(region, api));
    api["apiId"] = id;
    api["apiEndpoint"] = endpoint(port);
    api["createdDate"] = format_iso8601_seconds(clock_());
    const json::object document{{"region", region},
                                {"port", port},
                                {"api", api},
                                {"integrations", json::object{}},
                                {"routes", json::object{}},
                                {"stages", json::object{}},
                                {"deployments", json::object{}}};
    try {
        table_.put(id, document);
    } catch (...) {
        host.close(id);
        throw;
    }
    publish(document);
    return api;
}

void ApiStore::change(const Call& call, const std::function<void(json::object&)>& body)
{
    const MutexLock lock(mutex_);
    // Taken out: when anything throws, the next change reads what is stored.
    auto changed = changed_.extract(call.label("apiId"));
    const bool is_known =
        !changed.empty() && string_or_empty(changed.mapped(), "region") == call.region;
    auto document = is_known ? std::move(changed.mapped()) : need(call);
    body(document);
    const auto id = id_of(document);
    table_.put(id, document);
    publish(document);
    changed_[id] = std::move(document);
}

void ApiStore::erase(const Call& call)
{
    const MutexLock lock(mutex_);
    const auto document = need(call);
    const auto id = id_of(document);
    changed_.erase(id);
    ports_.put(place_of(call.region, document.at("api").as_object()),
               {{"port", port_of(document)}});
    table_.erase(id);
    if (host_ != nullptr)
        host_->close(id);
}

std::vector<json::object> ApiStore::list(const std::string& region)
{
    std::vector<json::object> result;
    for (auto& [id, document] : table_.list())
        if (string_or_empty(document, "region") == region)
            result.push_back(std::move(document.at("api").as_object()));
    std::ranges::stable_sort(
        result, {}, [](const json::object& api) { return string_or_empty(api, "createdDate"); });
    return result;
}

std::vector<ApiAddress> ApiStore::addresses()
{
    std::vector<ApiAddress> result;
    for (const auto& [id, document] : table_.list()) {
        const auto& api = document.at("api").as_object();
        result.push_back({.id = id,
                          .name = string_or_empty(api, "name"),
                          .region = string_or_empty(document, "region"),
                          .endpoint = string_or_empty(api, "apiEndpoint"),
                          .own_port = port_of(document)});
    }
    return result;
}

} // namespace nimbus::local
