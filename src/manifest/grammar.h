#pragma once

#include <string_view>

/// What the single values of a manifest may look like. docs/manifest.schema.json has the same as
/// patterns.
namespace nimbus::manifest {

/// A predicate and how a message puts it: "must be <allowed>".
struct TextRule {
    bool (*holds)(std::string_view);
    std::string_view allowed;
};

extern const TextRule name_rule;          ///< projects and resources
extern const TextRule stage_rule;         ///< the first segment of an API's URL
extern const TextRule region_rule;        ///< us-east-1, us-gov-west-1, ap-southeast-2
extern const TextRule runtime_rule;       ///< those that a front end produces
extern const TextRule architecture_rule;  ///< Lambda's two
extern const TextRule function_name_rule; ///< also Lambda's Handler: no blanks, at most 128
extern const TextRule variable_name_rule; ///< of an environment variable in Lambda
extern const TextRule description_rule;   ///< for people: 256 characters is Lambda's limit
extern const TextRule effect_rule;        ///< of a statement in IAM's policy language
extern const TextRule action_rule;        ///< dynamodb:GetItem, s3:*, *
extern const TextRule resource_rule;      ///< an ARN, or *
extern const TextRule boundary_rule;      ///< the ARN of a managed policy

/// Variables that Lambda sets itself and lets nobody set, and the one that makes a program describe
/// itself instead of serving.
bool is_reserved_variable(std::string_view name);

} // namespace nimbus::manifest
