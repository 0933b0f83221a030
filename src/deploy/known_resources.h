#pragma once

#include "deploy/deploy.h"
#include "deploy/plan.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace nimbus::deploy {

/// What a deploy found, for the next one of the same application in the same process: that one
/// reads only what is declared otherwise or was changed, as long as nobody else wrote the state in
/// between. It does not see what somebody changes past Nimbus meanwhile. Not thread-safe.
class KnownResources {
public:
    /// What is known of these nodes, once: whoever takes it and fails leaves nothing behind.
    /// `state_etag` is that of the state as it is now.
    Observations take(const std::vector<Node>& graph, const std::string& state_etag);
    /// After a deploy by this plan left that state: what it kept is as it was read.
    void remember(Plan plan, const std::string& state_etag);
    void forget() noexcept { resources_.clear(); }

private:
    struct Resource {
        Node node; ///< as the program declared it
        std::optional<Observed> observed;
    };

    std::unordered_map<std::string, Resource> resources_; ///< by key
    std::string state_etag_;
};

/// As the `deploy` of deploy.h, from what `known` has of the deploy before, and for the next one.
std::optional<DeployResult> deploy(const Kinds& kinds, const Target& target,
                                   const manifest::Manifest& manifest, const Artifacts& artifacts,
                                   const Options& options, KnownResources& known,
                                   const std::function<bool(const PlanSummary&)>& confirm = {});

} // namespace nimbus::deploy
