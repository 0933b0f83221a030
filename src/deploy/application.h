#pragma once

#include "base/json.h"
#include "deploy/deploy.h"

#include <string>
#include <string_view>
#include <vector>

/// From a manifest to names: what the resource types share when they say what they want.
namespace nimbus::deploy {

struct Application {
    const manifest::Manifest& manifest;
    const Artifact& artifact;
    const Target& target;

    DeploymentId deployment() const
    {
        return {.project = manifest.project, .stage = manifest.stage, .region = target.region};
    }
};

// --- keys of resources: "<type> <name>" ---------------------------------------------------------

std::string key_of(std::string_view type, std::string_view name);
std::string api_key(const manifest::Api& api);
std::string artifact_key(const Artifact& artifact);
/// A cluster of the application's own is named after the database; a shared one, "shared/<name>".
std::string cluster_name(const manifest::Sql& sql);
std::string cluster_key(const manifest::Sql& sql);
std::string function_key(const manifest::Function& function);
std::string log_group_key(const manifest::Function& function);
/// Functions that use the same databases share a role.
std::string role_name(const Application& application, const manifest::Function& function);
std::string role_key(const Application& application, const manifest::Function& function);
std::string schema_key(const manifest::Sql& sql);

// --- names in AWS -------------------------------------------------------------------------------

std::string log_group_of(const std::string& lambda_function_name);
/// IAM's name of the role.
std::string iam_role_name(const Application& application, const manifest::Function& function);
/// arn:<partition>:<service>:<region>:<account>:<resource>
std::string arn_of(const Target& target, std::string_view service, std::string_view resource);
std::string iam_role_arn(const Application& application, const manifest::Function& function);
/// In the bucket.
std::string artifact_object_key(const Application& application);
/// "GET /users", or "$default".
std::string route_key(const manifest::Route& route);

/// The tags that every resource carries, as an input.
json::object tags_input(const Application& application, std::string_view type,
                        std::string_view name);

/// Throws Error when the manifest names what it does not declare: a bug of the front end.
const manifest::Function& function_named(const manifest::Manifest& manifest,
                                         const std::string& name);
const manifest::Sql& sql_named(const manifest::Manifest& manifest, const std::string& name);

} // namespace nimbus::deploy
