#pragma once

#include "local/iam/access_control.h"
#include "local/iam/pattern.h"
#include "local/iam/policy_document.h"

#include <string>
#include <vector>

namespace nimbus::local::iam {

/// What is asked of policies. `context` holds the condition keys, each with one value; names
/// compare without case. aws:username and aws:userid are also what the policy variables stand for.
struct Question {
    Principal principal;
    std::string action;
    std::string resource;
    ConditionContext context;
};

/// What a set of statements says: silent when none applies. An explicit deny wins over any allow.
enum class Verdict { silent, allow, deny };

/// Evaluates an identity's policies: the statements' principals are not looked at.
Verdict evaluate_identity(const std::vector<PolicyDocument>& policies, const Question& question);
/// Evaluates a resource's policy: only statements that name the question's principal apply.
Verdict evaluate_resource(const PolicyDocument& policy, const Question& question);
/// Evaluates a role's trust policy, whose statements have no resource.
Verdict evaluate_trust(const PolicyDocument& policy, const Question& question);

/// Does one Condition hold, whose values are these patterns?
bool condition_holds(const Condition& condition, const std::vector<Pattern>& values,
                     const ConditionContext& context);

} // namespace nimbus::local::iam
