#pragma once

#include "local/dsql/host/dsql_host.h"
#include "local/dsql/host/listener.h"
#include "local/dsql/host/tls_context.h"

#include <optional>
#include <string>

namespace nimbus::local::dsql {

/// The front of one copy of a cluster: its address, certificate and listener. Its database is the
/// owner's to make before and to drop after.
class CopyServer {
public:
    /// Listens, for sessions in `database`. `original`: how the cluster itself is served. Throws
    /// Error.
    CopyServer(const DsqlHostOptions& options, const SessionContext& original, std::string id,
               std::string database);
    /// Ends the sessions.
    ~CopyServer() = default;
    CopyServer(const CopyServer&) = delete;
    CopyServer& operator=(const CopyServer&) = delete;

    const std::string& address() const noexcept { return context_.cluster.address; }
    const std::string& database() const noexcept { return context_.database; }

private:
    TlsContext tls_;
    SessionContext context_;
    std::optional<Listener> listener_; ///< its threads use what stands above
};

} // namespace nimbus::local::dsql
