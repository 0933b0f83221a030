#pragma once

#include "aws/operation.h"
#include "deploy/target.h"
#include "manifest/manifest.h"

#include <string>
#include <string_view>

/// What the homes of the kinds share when they say what a program wants.
namespace nimbus::deploy {

class Kinds;
struct State;

inline DeploymentId deployment_of(const manifest::Manifest& manifest, const Target& target)
{
    return {.project = manifest.project, .stage = manifest.stage, .region = target.region};
}

struct Application {
    const manifest::Manifest& manifest;
    const Artifacts& artifacts;
    const Target& target;
    const Kinds& kinds;
    /// What is deployed, if anything is: what has a name keeps it.
    const State* recorded = nullptr;

    DeploymentId deployment() const { return deployment_of(manifest, target); }
};

/// arn:<partition>:<service>:<region>:<account>:<resource>
std::string arn_of(const Target& target, std::string_view service, std::string_view resource);

/// The tags that every resource carries.
aws::Tags tags_of(const DeploymentId& deployment, std::string_view type, std::string_view name);
aws::Tags tags_of(const Application& application, std::string_view type, std::string_view name);

} // namespace nimbus::deploy
