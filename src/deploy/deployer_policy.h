#pragma once

#include "base/json.h"
#include "deploy/state.h"

#include <cstddef>
#include <string>

namespace nimbus::manifest {
struct Manifest;
}

namespace nimbus::deploy {

class Kinds;

/// IAM's limit for a managed policy in characters, white space between tokens not counted. Source:
/// IAM User Guide, "IAM and AWS STS quotas".
inline constexpr std::size_t most_managed_policy_characters = 6'144;

/// What is deployed of the project in the target's Region, in all stages that `stage` stands for:
/// it may be a pattern, such as pr-*. Reads states only. Throws Error when one cannot be read.
State recorded_in(const Kinds& kinds, const Target& target, const DeploymentId& deployment);

/// The least that IAM has to allow to who deploys, changes and destroys the application: a policy
/// with the statements of the core and of each kind that the program declares or `recorded` has.
/// `state_key`: the ARN of the KMS key that encrypts the target's bucket; empty: it is one of
/// AWS's. Calls nobody.
json::object deployer_policy(const Kinds& kinds, const Target& target,
                             const manifest::Manifest& manifest, const State& recorded,
                             const std::string& state_key);

} // namespace nimbus::deploy
