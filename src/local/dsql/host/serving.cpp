#include "local/dsql/host/serving.h"

#include "local/dsql/host/overload.h"

namespace nimbus::local::dsql {

ListenerOptions serving(const DsqlHostOptions& options, const SessionContext& context)
{
    return {.max_connections = options.max_connections,
            .serve =
                [serve = options.serve, &context](UniqueFd client, int stop_fd,
                                                  const LoggedIn& logged_in) {
                    serve(std::move(client), context, stop_fd, logged_in);
                },
            .refuse =
                [&context](UniqueFd client, int stop_fd) {
                    refuse_for_overload(std::move(client), context.tls, stop_fd);
                }};
}

} // namespace nimbus::local::dsql
