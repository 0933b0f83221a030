#pragma once

#include <map>
#include <string>
#include <vector>

namespace nimbus::local {

/// How functions of one runtime identifier are started.
struct Runtime {
    /// The program (a path, or a name on PATH) and its arguments; "{code}" stands for the directory
    /// of the unpacked code.
    std::vector<std::string> arguments;
    std::string directory; ///< LAMBDA_RUNTIME_DIR
    /// AWS_EXECUTION_ENV, which Lambda gives to its own runtimes only; empty: not set.
    std::string execution_environment;
};

/// By the function's runtime identifier.
using Runtimes = std::map<std::string, Runtime>;

/// Custom runtimes, whose zip holds an executable `bootstrap`.
Runtimes custom_runtimes();

/// Those, and Node's, for which the first `node` on PATH runs index.js. That serves the Runtime API
/// itself, as bundles made by Nimbus do; on Lambda, the same file exports the handlers that
/// Lambda's own runtime loads. Node takes its certificate authorities from OpenSSL's SSL_CERT_FILE
/// and SSL_CERT_DIR when it first needs them; with NODE_EXTRA_CA_CERTS, it would parse all those
/// that it knows at every start, for half as long again.
Runtimes lambda_runtimes();

} // namespace nimbus::local
