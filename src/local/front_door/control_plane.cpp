#include "local/front_door/control_plane.h"

#include "local/front_door/front_door.h"
#include "local/services/catalog.h"
#include "local/services/log_writer.h"

#include <atomic>
#include <set>

namespace nimbus::local {

struct ControlPlane::Parts {
    Parts(const ControlPlaneOptions& options, sqlite::Database& database, net::WorkerPool& workers)
        : problem(options.problem), identities(database, options.account_id, options.clock),
          access(identities, options.administrator),
          objects(database, options.directory / "objects", options.clock),
          code(options.directory / "functions"), functions(database, options.region),
          apis(database, options.account_id, options.clock),
          clusters(database, options.account_id, options.clock, options.problem),
          logs(database, options.clock), log_writer(logs, options.problem),
          door(make_catalog({.identities = identities,
                             .access = access,
                             .objects = objects,
                             .apis = apis,
                             .clusters = clusters,
                             .logs = logs,
                             .settle_logs = [this] { log_writer.flush(); },
                             .lambda = {.functions = functions,
                                        .identities = identities,
                                        .access = access,
                                        .objects = objects,
                                        .code = code,
                                        .clock = options.clock,
                                        .invoker = [this] { return invoker.load(); }}}),
               access, workers, options.account_id, options.clock)
    {
        std::set<std::string> zips;
        for (const auto& record : functions.all())
            zips.insert(record.function->code_sha256);
        code.sweep(zips);
    }

    std::function<void(const std::string&)> problem;
    std::atomic<Invoker*> invoker = nullptr;
    iam::IdentityStore identities;
    iam::IdentityAccess access;
    S3Store objects;
    BlobStore code;
    FunctionRegistry functions;
    ApiStore apis;
    ClusterStore clusters;
    LogStore logs;
    LogWriter log_writer;
    FrontDoor door;
};

ControlPlane::ControlPlane(const ControlPlaneOptions& options, sqlite::Database& database,
                           net::WorkerPool& workers)
    : parts_(std::make_unique<Parts>(options, database, workers))
{
}

ControlPlane::~ControlPlane() = default;

void ControlPlane::start(Seams seams)
{
    parts_->invoker = &seams.invoker;
    for (const auto& notice : parts_->apis.attach(seams.apis))
        parts_->problem(notice);
    parts_->clusters.attach(seams.clusters);
}

void ControlPlane::stop()
{
    parts_->clusters.detach();
    parts_->apis.detach();
    parts_->invoker = nullptr;
    parts_->log_writer.flush();
}

http::Handler ControlPlane::front_door()
{
    return [&door = parts_->door](http::Request request, http::Responder respond) {
        door.handle(std::move(request), std::move(respond));
    };
}

AccessControl& ControlPlane::access_control()
{
    return parts_->access;
}

FunctionDirectory& ControlPlane::function_directory()
{
    return parts_->functions;
}

LogSink& ControlPlane::log_sink()
{
    return parts_->log_writer;
}

http::ServerOptions front_door_server_options()
{
    http::ServerOptions options;
    options.max_body_bytes = front_door_max_body_bytes;
    return options;
}

} // namespace nimbus::local
