#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "base/time.h"
#include "local/gateway/api.h"
#include "local/services/service.h"
#include "sqlite/document_table.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace nimbus::local {

/// Where an API is. Another program may have its own port.
struct ApiAddress {
    std::string id;
    std::string name;
    std::string region;
    std::string endpoint;
    std::uint16_t own_port = 0;
};

/// HTTP APIs with all that belongs to them, one document per API:
/// {"region", "port", "api": {…}, "integrations": {id: {…}}, "routes": {…}, "stages": {…},
/// "deployments": {…}}; the inner objects are as API Gateway answers them. Each change is published
/// to the data plane. Thread-safe.
class ApiStore {
public:
    ApiStore(sqlite::Database& database, std::string account_id, Clock clock, Log log);

    /// Opens and publishes the APIs that are there; from here on changes are published.
    void attach(ApiHost& host) NIMBUS_EXCLUDES(mutex_);
    /// Closes the APIs.
    void detach() NIMBUS_EXCLUDES(mutex_);

    /// Throws NotFoundException.
    json::object need(const Call& call);
    /// Opens a listener, fills in id, port and endpoint, stores and publishes. The port is that of
    /// the last API of this name and region, if it is free.
    json::object create(const std::string& region, json::object api) NIMBUS_EXCLUDES(mutex_);
    /// Reads the call's API, changes it, stores and publishes it.
    void change(const Call& call, const std::function<void(json::object&)>& body)
        NIMBUS_EXCLUDES(mutex_);
    void erase(const Call& call) NIMBUS_EXCLUDES(mutex_);
    std::vector<json::object> list(const std::string& region);
    /// Of all Regions.
    std::vector<ApiAddress> addresses();

    SystemTime now() const { return clock_(); }

private:
    void publish(const json::object& document) NIMBUS_REQUIRES(mutex_);
    ApiHost& need_host() NIMBUS_REQUIRES(mutex_);
    /// On `port`, or on a free one while somebody else has it, which is told.
    std::uint16_t open_here_or_elsewhere(ApiHost& host, const std::string& id,
                                         const json::object& api, std::uint16_t port)
        NIMBUS_REQUIRES(mutex_);
    /// On the port of the last API of that name, if nobody has it by now; else on a free one.
    std::uint16_t open_again(ApiHost& host, const std::string& id, const std::string& place)
        NIMBUS_REQUIRES(mutex_);

    std::string account_id_;
    Clock clock_;
    Log log_;
    sqlite::DocumentTable table_;
    /// {"port"} of APIs that were deleted, by region and name: who deploys again finds the API
    /// where it was.
    sqlite::DocumentTable ports_;
    Mutex mutex_; ///< one change at a time, from the table to the data plane
    ApiHost* host_ NIMBUS_GUARDED_BY(mutex_) = nullptr;
    /// Documents as the last change of each left them, by id: a deploy changes an API many times.
    std::map<std::string, json::object> changed_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::local
