#pragma once

namespace nimbus::local {

class ApiHost;
class ClusterHost;
class Invoker;

/// What the services' control planes drive.
struct DataPlanes {
    Invoker& invoker;
    ApiHost& apis;
    ClusterHost& clusters;
};

} // namespace nimbus::local
