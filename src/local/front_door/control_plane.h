#pragma once

#include "base/time.h"
#include "http/server.h"
#include "local/dsql/cluster_host.h"
#include "local/gateway/api.h"
#include "local/iam/identity_access.h"
#include "local/lambda/function.h"
#include "net/worker_pool.h"
#include "sqlite/database.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace nimbus::local {

struct ControlPlaneOptions {
    std::string account_id;          ///< 12 digits
    std::string region;              ///< where a function is looked for that is named without one
    std::filesystem::path directory; ///< of the objects and the functions' zips; made when missing
    iam::AdministratorKey administrator;
    Clock clock = system_now;
    /// Gets a sentence about what went wrong outside of any request, from any thread.
    std::function<void(const std::string&)> problem = [](const std::string&) {};
};

/// The data planes.
struct Seams {
    Invoker& invoker;
    ApiHost& apis;
    ClusterHost& clusters;
};

/// The control planes of all services, put together in two steps, because they and the data planes
/// need each other: the constructor makes what the data planes ask for, `start` takes them.
class ControlPlane {
public:
    /// Reads what is stored. `database` and `workers` outlive the control plane, and `workers` must
    /// have finished its jobs before the control plane is destroyed: destroy the pool, or stop
    /// posting and wait, first.
    ControlPlane(const ControlPlaneOptions& options, sqlite::Database& database,
                 net::WorkerPool& workers);
    ~ControlPlane();
    ControlPlane(const ControlPlane&) = delete;
    ControlPlane& operator=(const ControlPlane&) = delete;

    /// Attaches the data planes, opens the APIs and starts the clusters that are stored. Returns
    /// before the clusters are up.
    void start(Seams seams);
    /// Closes the APIs and lets go of the data planes; requests that still come are refused.
    /// Writes what is left of the logs.
    void stop();

    /// The one endpoint: give it to an http::Server with front_door_server_options().
    http::Handler front_door();

    AccessControl& access_control();
    FunctionDirectory& function_directory();
    LogSink& log_sink();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The server's limits and error bodies that fit the front door; address and port are left as
/// they are by default.
http::ServerOptions front_door_server_options();

} // namespace nimbus::local
