#pragma once

#include "base/time.h"
#include "local/gateway/api.h"
#include "local/services/service.h"
#include "sqlite/document_table.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace nimbus::local {

/// HTTP APIs with all that belongs to them, one document per API:
/// {"region", "port", "api": {…}, "integrations": {id: {…}}, "routes": {…}, "stages": {…},
/// "deployments": {…}}; the inner objects are as API Gateway answers them. Each change is published
/// to the data plane. Thread-safe.
class ApiStore {
public:
    /// `problem` gets a sentence when an API has to move to another port.
    ApiStore(sqlite::Database& database, std::string account_id, Clock clock,
             std::function<void(const std::string&)> problem);

    /// Opens and publishes the APIs that are there; from here on changes are published.
    void attach(ApiHost& host);
    /// Closes the APIs.
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
    std::function<void(const std::string&)> problem_;
    sqlite::DocumentTable table_;
    std::mutex mutex_;
    ApiHost* host_ = nullptr;
};

} // namespace nimbus::local
