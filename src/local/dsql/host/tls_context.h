#pragma once

#include "crypto/certificate.h"
#include "local/dsql/cluster_host.h"

#include <openssl/ssl.h>

#include <memory>

namespace nimbus::local::dsql {

struct TlsContextDeleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextDeleter>;

/// The cluster's end of TLS, with a fresh certificate signed by `authority` for all names that
/// clients know the cluster by: <id>.dsql.<region>.on.aws, its address, and `localhost`, which
/// node-postgres compares with when the host is an address.
TlsContext make_tls_context(const crypto::CertificateAndKey& authority, const Cluster& cluster);

} // namespace nimbus::local::dsql
