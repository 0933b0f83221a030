#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nimbus::local {

/// How functions of one runtime identifier are started.
struct Runtime {
    /// The program (a path, or a name on PATH) and its arguments. "{code}" stands for the directory
    /// of the unpacked code, "{runtimes}" for the one that `install_runtime` was given.
    std::vector<std::string> arguments;
    /// The same for code that serves the Runtime API itself (`serves_itself`); empty: no
    /// difference.
    std::vector<std::string> arguments_to_serve_itself;
    /// What goes behind the program's name where Node's inspector is wanted; empty: it has none.
    std::vector<std::string> arguments_to_inspect;
    std::string directory; ///< LAMBDA_RUNTIME_DIR
    /// AWS_EXECUTION_ENV, which Lambda gives to its own runtimes only; empty: not set.
    std::string execution_environment;
};

/// By the function's runtime identifier.
using Runtimes = std::map<std::string, Runtime>;

/// Custom runtimes, whose zip holds an executable `bootstrap`.
Runtimes custom_runtimes();

/// Those, and Node's: the first `node` on PATH runs node_runtime.cjs, which loads the handler as
/// Lambda's own runtime does; or, where the code serves itself, its index.js, which is quicker.
/// Node takes its certificate authorities from OpenSSL's SSL_CERT_FILE and SSL_CERT_DIR when it
/// first needs them; with NODE_EXTRA_CA_CERTS, it would parse all those that it knows at every
/// start, for half as long again.
Runtimes lambda_runtimes();

/// Writes what `runtime` runs beside the code, if anything. Does nothing when it is there; throws
/// Error when it cannot be written.
void install_runtime(const Runtime& runtime, const std::filesystem::path& directory);

/// Does code of a runtime that Lambda brings along serve the Runtime API itself? A file that says
/// so is in the bundles that Nimbus makes; Lambda does not look at it, and loads the handlers that
/// the bundles export.
bool serves_itself(const std::filesystem::path& code);

} // namespace nimbus::local
