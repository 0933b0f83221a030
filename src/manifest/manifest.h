#pragma once

#include "manifest/declarations.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What an application declares: the root of both flows. Plain values; parse.h reads them from
/// JSON. docs/manifest.schema.json is the same in JSON Schema.
namespace nimbus::manifest {

/// A statement of IAM's policy language that a function's role gets.
struct Permission {
    std::string effect;                 ///< Allow or Deny
    std::vector<std::string> actions;   ///< dynamodb:GetItem, s3:*, *
    std::vector<std::string> resources; ///< ARNs, or *

    auto operator<=>(const Permission&) const = default;
};

/// Of a log group: its events never expire.
inline constexpr int infinite_retention = 0;

struct Function {
    std::string name; ///< unique in the application; also Lambda's Handler
    std::string description;
    std::string architecture;   ///< x86_64 or arm64; absent in JSON: the manifest's
    int memory_megabytes = 256; ///< 128 to 10,240
    int timeout_seconds = 30;   ///< 1 to 900
    std::map<std::string, std::string> environment;
    std::vector<std::string> uses; ///< names of resources; absent in JSON: all that can be used
    std::vector<Permission> permissions;
    /// Days, or infinite_retention; absent in JSON: the manifest's. Absent there, too: the program
    /// does not say.
    std::optional<int> log_retention_days;

    bool operator==(const Function&) const = default;
};

struct Manifest {
    int version = 1;
    std::string project; ///< [a-z][a-z0-9-]{0,31}
    std::string region;
    /// Of a pull request, say: it shares what other stages have, and is taken away as a whole. Not
    /// in JSON: who deploys says so.
    bool is_preview = false;
    std::string stage;        ///< [a-z0-9][a-z0-9-]{0,15}; absent in JSON: a section's, or "dev"
    std::string runtime;      ///< Lambda's: provided.al2023, nodejs22.x
    std::string architecture; ///< of functions that do not say theirs
    /// Of functions that do not say theirs: days, or infinite_retention.
    std::optional<int> log_retention_days;
    /// ARN of the managed policy that limits what functions' roles may do; empty: none does.
    std::string permissions_boundary;
    std::vector<Function> functions;
    Declarations declared; ///< of the kinds of resources, each by its own type

    bool operator==(const Manifest&) const = default;
};

} // namespace nimbus::manifest
