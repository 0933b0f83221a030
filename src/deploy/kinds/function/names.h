#pragma once

#include "deploy/application.h"

#include <string>
#include <string_view>
#include <unordered_map>

/// Names of what belongs to a function. The home of functions is the one that other kinds' homes
/// may use: everything that a program declares is there for its functions.
namespace nimbus::deploy::function {

/// The functions that a manifest declares, by name. Refers to the manifest.
class FunctionsByName {
public:
    explicit FunctionsByName(const manifest::Manifest& manifest);
    /// Throws Error when the manifest names what it does not declare: a bug of the front end.
    const manifest::Function& at(const std::string& name) const;

private:
    std::unordered_map<std::string_view, const manifest::Function*> functions_;
};

std::string function_arn(const Application& application, const manifest::Function& function);
/// What matches the names of all of the application's functions and roles, and their ARNs.
std::string name_pattern(const Application& application);
std::string function_arn_pattern(const Application& application);
std::string role_arn_pattern(const Application& application);
std::string log_group_of(const std::string& lambda_function_name);

/// Functions that use the same resources, and have the same further permissions, share a role.
std::string role_name(const Application& application, const manifest::Function& function);
/// IAM's name of the role `name`. It has the Region in it, for IAM has one name for all Regions;
/// that of an earlier version, which has not, is kept where it is recorded.
std::string iam_role_name(const Application& application, const std::string& name);
/// Of the role of functions that use all that the application has.
std::string default_iam_role_name(const DeploymentId& deployment);
std::string iam_role_arn(const Application& application, const std::string& name);

/// Its code. Throws Error when there is none for its architecture: a bug of the front end.
const deploy::Artifact& artifact_of(const Application& application,
                                    const manifest::Function& function);
/// In the bucket.
std::string artifact_object_key(const Application& application, const deploy::Artifact& artifact);
std::string artifact_name(const deploy::Artifact& artifact);

} // namespace nimbus::deploy::function
