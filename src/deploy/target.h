#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace nimbus::aws {
class Client;
}

namespace nimbus::deploy {

/// Where to deploy to, and as whom. The references outlive every call.
struct Target {
    std::string name; ///< "local" or "aws": for people and for `target` in --json
    const aws::Client& client;
    std::string region;
    std::string account_id;
    std::string bucket;            ///< of state and artifacts; made when there is none (local only)
    std::filesystem::path ca_file; ///< that the databases' certificate is checked with; empty: the
                                   ///< system's
    /// Where databases are found whose names DNS does not know: a file in the form of hosts(5);
    /// empty: nowhere.
    std::filesystem::path hosts_file{};
    /// Why its databases will refuse a statement, as far as the text alone tells; empty: they may
    /// take it. Not set: nobody knows.
    std::function<std::string(const std::string& statement)> refusal_of_statement{};
    /// A sentence while the target gets that wrong on demand ("expired-tokens"), or ""; null where
    /// nothing goes wrong on demand. Does not throw.
    std::function<std::string(std::string_view fault)> injected_fault{};
};

/// Which deployment: one state, one lock.
struct DeploymentId {
    std::string project;
    std::string stage;
    std::string region;

    bool operator==(const DeploymentId&) const = default;
};

/// Code of functions, as the front end packaged it.
struct Artifact {
    std::filesystem::path zip;
    std::string sha256; ///< of the zip, hexadecimal
};

/// By the architecture that it is for, each one that a function has.
using Artifacts = std::map<std::string, Artifact>;

} // namespace nimbus::deploy
