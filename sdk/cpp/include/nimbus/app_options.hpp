#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace nimbus {

struct app_options {
    std::string project_name; ///< lower-case letters, digits, dashes; at most 32
    std::string region;       ///< us-east-1
    std::string stage{};      ///< empty: the first API's, or "dev"; `--stage` overrides it
    /// Of all functions that do not say their own: "x86_64", or "arm64" for AWS's Graviton
    /// processors. Empty: that of the machine that builds the program. The local cloud always runs
    /// functions on its own machine's.
    std::string architecture{};
    /// Of all functions that do not say their own: see function_options.
    std::optional<std::chrono::days> log_retention{};
    /// The ARN of an IAM policy that limits what all roles may do that Nimbus makes for functions
    /// and timers: arn:aws:iam::123456789012:policy/limit. Empty: none does.
    std::string permissions_boundary{};
    /// What nimbus::asset reads: paths of files, relative to the directory of the program's source
    /// or CMakeLists.txt, with `*`, `?` and `**`: {"public/**", "data/*.json"}.
    std::vector<std::string> files{};
};

} // namespace nimbus
