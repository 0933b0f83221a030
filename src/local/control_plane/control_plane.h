#pragma once

#include "http/server.h"
#include "local/control_plane/options.h"
#include "local/services/data_planes.h"
#include "net/worker_pool.h"
#include "sqlite/database.h"

#include <memory>

namespace nimbus::local {

class FunctionDirectory;
class LogSink;

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

    /// Attaches the data planes to the services, which open the APIs and start the clusters that
    /// are stored. Returns before the clusters are up.
    void start(const DataPlanes& planes);
    /// Has the services let go of the data planes, in the opposite order; requests that still come
    /// are dropped. Writes what is left of the logs.
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
