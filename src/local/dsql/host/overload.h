#pragma once

#include "base/unique_fd.h"

#include <openssl/ssl.h>

namespace nimbus::local::dsql {

/// Tells a client that the cluster has as many connections as it takes: SQLSTATE 53300 and DSQL's
/// text (Aurora DSQL User Guide, "Cluster quotas and database limits"), within TLS, since libpq
/// does not show what comes before it. Gives up after a few seconds or when `stop_fd` becomes
/// readable. Never throws.
void refuse_for_overload(UniqueFd client, SSL_CTX* tls, int stop_fd) noexcept;

} // namespace nimbus::local::dsql
