#pragma once

#include <map>
#include <string>
#include <vector>

namespace nimbus::local {

/// How functions of one runtime identifier are started.
struct Runtime {
    /// The program and its arguments; "{code}" stands for the directory of the unpacked code.
    std::vector<std::string> arguments;
    std::string directory; ///< LAMBDA_RUNTIME_DIR
    /// AWS_EXECUTION_ENV, which Lambda gives to its own runtimes only; empty: not set.
    std::string execution_environment;
};

/// By the function's runtime identifier.
using Runtimes = std::map<std::string, Runtime>;

/// Custom runtimes, whose zip holds an executable `bootstrap`. The composition adds the runtimes
/// whose program is not part of the zip, such as
/// {"nodejs22.x", {{"/usr/bin/node", "<sdk>/bootstrap.mjs"}, "<sdk>", "AWS_Lambda_nodejs22.x"}}.
Runtimes custom_runtimes();

} // namespace nimbus::local
