#include "local/control_plane/control_plane.h"

#include "local/control_plane/catalog.h"
#include "local/front_door/front_door.h"

#include <optional>
#include <ranges>

namespace nimbus::local {

struct ControlPlane::Parts {
    Parts(const ControlPlaneOptions& options, sqlite::Database& database, net::WorkerPool& workers)
        : catalog(options, database),
          door(catalog.services(), catalog.access_control(), workers, options.account_id,
               options.clock, options.log.of("front_door")),
          clock(options.clock), log(options.log.of("housekeeping"))
    {
    }

    Catalog catalog;
    FrontDoor door;
    Clock clock;
    Log log;
    std::optional<Housekeeping> housekeeping; ///< while the data planes are attached
};

ControlPlane::ControlPlane(const ControlPlaneOptions& options, sqlite::Database& database,
                           net::WorkerPool& workers)
    : parts_(std::make_unique<Parts>(options, database, workers))
{
}

ControlPlane::~ControlPlane() = default;

void ControlPlane::start(const DataPlanes& planes)
{
    for (const auto& service : parts_->catalog.services())
        if (service.attach)
            service.attach(planes);
    parts_->housekeeping.emplace(parts_->catalog.housekeeping(), parts_->clock, parts_->log);
}

void ControlPlane::stop()
{
    parts_->door.stop();
    parts_->housekeeping.reset();
    for (const auto& service : parts_->catalog.services() | std::views::reverse)
        if (service.detach)
            service.detach();
}

http::Handler ControlPlane::front_door()
{
    return [&door = parts_->door](http::Request request, http::Responder respond) {
        door.handle(std::move(request), std::move(respond));
    };
}

AccessControl& ControlPlane::access_control()
{
    return parts_->catalog.access_control();
}

FunctionDirectory& ControlPlane::function_directory()
{
    return parts_->catalog.function_directory();
}

LogSink& ControlPlane::log_sink()
{
    return parts_->catalog.log_sink();
}

http::ServerOptions front_door_server_options()
{
    http::ServerOptions options;
    options.max_body_bytes = front_door_max_body_bytes;
    options.max_arriving_bytes += front_door_max_body_bytes;
    return options;
}

} // namespace nimbus::local
