#include "local/dsql/host/copy_server.h"

#include "local/dsql/host/addresses.h"
#include "local/dsql/host/serving.h"

namespace nimbus::local::dsql {

CopyServer::CopyServer(const DsqlHostOptions& options, const SessionContext& original,
                       std::string id, std::string database)
    : context_(original)
{
    auto place = listen_somewhere(id, options.port);
    context_.cluster.id = std::move(id); // its ARN stays that of the cluster
    context_.cluster.address = place.address;
    context_.database = std::move(database);
    context_.contention = std::make_shared<Contention>();
    context_.contention->use(context_.socket_path, context_.superuser, context_.database);
    context_.log = original.log.with({{"copy", context_.cluster.id}});
    tls_ = make_tls_context(options.authority, context_.cluster);
    context_.tls = tls_.get();
    listener_.emplace(std::move(place.socket), serving(options, context_));
}

} // namespace nimbus::local::dsql
