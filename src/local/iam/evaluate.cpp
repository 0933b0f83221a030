#include "local/iam/evaluate.h"

#include "base/arn.h"
#include "base/text.h"
#include "local/iam/variables.h"

#include <algorithm>

namespace nimbus::local::iam {
namespace {

/// A text of a policy of this version. Only that of 2012 has variables; in another, and in one
/// without a version, `${…}` is text. Source: AWS IAM User Guide, "IAM JSON policy elements:
/// Version".
Pattern pattern_of(const std::string& text, std::string_view version, const Question& question)
{
    return version == "2012-10-17" ? expand(text, question) : Pattern(text);
}

bool any_action(const std::vector<std::string>& patterns, const std::string& action)
{
    const auto lower = to_lower(action);
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return wildcard_match(to_lower(pattern), lower);
    });
}

bool any_resource(const std::vector<std::string>& patterns, std::string_view version,
                  const Question& question)
{
    return std::ranges::any_of(patterns, [&](const std::string& text) {
        return pattern_of(text, version, question).matches(question.resource);
    });
}

/// Does a name that stands for the account stand for this principal of it?
enum class Account { stands_for_all, stands_for_itself };

bool names_aws_principal(const std::string& name, const Principal& principal, Account account)
{
    if (name == "*" || name == principal.arn || name == principal.identity_arn ||
        name == principal.unique_id)
        return true;
    return account == Account::stands_for_all &&
           (name == principal.account_id ||
            name == Arn{.service = "iam", .account = principal.account_id, .resource = "root"}
                        .to_string());
}

bool names(const Principals& principals, const Principal& principal,
           Account account = Account::stands_for_all)
{
    for (const auto& [kind, list] : principals) {
        if (kind == "*")
            return true;
        for (const auto& name : list) {
            if (kind == "AWS" && principal.kind != Principal::Kind::service &&
                names_aws_principal(name, principal, account))
                return true;
            if (kind == "Service" && principal.kind == Principal::Kind::service &&
                (name == principal.arn || name == "*"))
                return true;
        }
    }
    return false;
}

bool conditions_hold(const Statement& statement, std::string_view version, const Question& question)
{
    auto context = question.context;
    for (const auto* key : {"aws:userid", "aws:username"})
        if (auto value = value_of_key(question, key); !value.empty())
            context.try_emplace(key, std::move(value));
    return std::ranges::all_of(statement.conditions, [&](const Condition& condition) {
        std::vector<Pattern> values;
        for (const auto& text : condition.values)
            values.push_back(pattern_of(text, version, question));
        return condition_holds(condition, values, context);
    });
}

bool applies(const Statement& statement, std::string_view version, const Question& question,
             PolicyUse use)
{
    if (statement.actions.empty() ? any_action(statement.not_actions, question.action)
                                  : !any_action(statement.actions, question.action))
        return false;
    if (use != PolicyUse::trust &&
        (statement.resources.empty() ? any_resource(statement.not_resources, version, question)
                                     : !any_resource(statement.resources, version, question)))
        return false;
    // A resource's policy that allows something to the account leaves it to the account's own
    // policies to whom; a role's trust policy does not come with any.
    const auto account = use == PolicyUse::resource && statement.effect == Effect::allow
                             ? Account::stands_for_itself
                             : Account::stands_for_all;
    if (use != PolicyUse::identity &&
        (statement.principals.empty() ? names(statement.not_principals, question.principal)
                                      : !names(statement.principals, question.principal, account)))
        return false;
    return conditions_hold(statement, version, question);
}

Verdict evaluate(const PolicyDocument& policy, const Question& question, PolicyUse use)
{
    auto verdict = Verdict::silent;
    for (const auto& statement : policy.statements) {
        if (!applies(statement, policy.version, question, use))
            continue;
        if (statement.effect == Effect::deny)
            return Verdict::deny;
        verdict = Verdict::allow;
    }
    return verdict;
}

} // namespace

Verdict evaluate_identity(const std::vector<PolicyDocument>& policies, const Question& question)
{
    auto verdict = Verdict::silent;
    for (const auto& policy : policies) {
        const auto one = evaluate(policy, question, PolicyUse::identity);
        if (one == Verdict::deny)
            return one;
        if (one == Verdict::allow)
            verdict = one;
    }
    return verdict;
}

Verdict evaluate_resource(const PolicyDocument& policy, const Question& question)
{
    return evaluate(policy, question, PolicyUse::resource);
}

Verdict evaluate_trust(const PolicyDocument& policy, const Question& question)
{
    return evaluate(policy, question, PolicyUse::trust);
}

} // namespace nimbus::local::iam
