#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// IAM's policy language as a value. Source: AWS IAM User Guide, "IAM JSON policy element
/// reference" and "Grammar of the IAM JSON policy language".
namespace nimbus::local::iam {

enum class Effect { allow, deny };

/// One test in a Condition block: the operator without its prefix and suffix, one key, its values.
struct Condition {
    enum class Set { single, for_any_value, for_all_values };

    std::string test; ///< "StringEquals", "ArnLike", "Null", …
    Set set = Set::single;
    bool if_exists = false;
    std::string key; ///< compared without case
    std::vector<std::string> values;
};

/// Principal and NotPrincipal: kinds ("AWS", "Service", "Federated") and whom they name; a bare "*"
/// is {"*": ["*"]}.
using Principals = std::map<std::string, std::vector<std::string>>;

struct Statement {
    std::string sid;
    Effect effect = Effect::allow;
    Principals principals;
    Principals not_principals;
    std::vector<std::string> actions;
    std::vector<std::string> not_actions;
    std::vector<std::string> resources;
    std::vector<std::string> not_resources;
    std::vector<Condition> conditions;
};

struct PolicyDocument {
    std::string version;
    std::vector<Statement> statements;
};

/// Where the document is attached decides what its statements must and may not have.
enum class PolicyUse {
    identity, ///< attached to a user or role: Resource, no Principal
    resource, ///< attached to a resource: Principal and Resource
    trust,    ///< a role's: Principal, no Resource
};

/// Parses and validates; throws Error with a sentence fit for MalformedPolicyDocument.
PolicyDocument parse_policy(std::string_view text, PolicyUse use);

} // namespace nimbus::local::iam
