#include "local/iam/identity_access.h"

#include "base/arn.h"
#include "base/error.h"
#include "local/iam/evaluate.h"

#include <boost/json/serialize.hpp>

namespace nimbus::local::iam {
namespace {

std::vector<PolicyDocument> policies_of(const Identity& identity, IdentityStore& store)
{
    std::vector<PolicyDocument> result;
    for (const auto& [name, text] : identity.inline_policies)
        result.push_back(parse_policy(text, PolicyUse::identity));
    for (const auto& arn : identity.attached_policies)
        if (const auto policy = store.find_policy(arn))
            result.push_back(parse_policy(policy->document, PolicyUse::identity));
    return result;
}

/// What the identity's permissions boundary says; without one, everything is within it.
Verdict within_boundary(const Identity& identity, IdentityStore& store, const Question& question)
{
    if (identity.permissions_boundary.empty())
        return Verdict::allow;
    const auto boundary = store.find_policy(identity.permissions_boundary);
    if (!boundary)
        return Verdict::silent;
    return evaluate_identity({parse_policy(boundary->document, PolicyUse::identity)}, question);
}

std::string refusal(const Question& question, std::string_view reason)
{
    return "User: " + question.principal.arn + " is not authorized to perform: " + question.action +
           (question.resource.empty() || question.resource == "*"
                ? std::string{}
                : " on resource: " + question.resource) +
           " " + std::string(reason);
}

/// Does the role's trust policy let `service` (such as lambda.amazonaws.com) assume it?
bool trusts(const Identity& role, const std::string& service, const ConditionContext& context)
{
    const Question question{.principal = {.kind = Principal::Kind::service, .arn = service},
                            .action = "sts:AssumeRole",
                            .resource = role.arn,
                            .context = context};
    return evaluate_trust(parse_policy(role.trust_policy, PolicyUse::trust), question) ==
           Verdict::allow;
}

} // namespace

IdentityAccess::IdentityAccess(IdentityStore& store, AdministratorKey administrator)
    : store_(store), administrator_(std::move(administrator))
{
}

std::optional<Identity> IdentityAccess::find_role(const std::string& arn)
{
    auto role = store_.find_by_arn(arn);
    if (role && role->kind != Identity::Kind::role)
        return std::nullopt;
    return role;
}

std::optional<AccessKey> IdentityAccess::find_access_key(const std::string& access_key_id)
{
    const auto& account = store_.account_id();
    if (access_key_id == administrator_.access_key_id) {
        const auto arn = Arn{.service = "iam", .account = account, .resource = "root"}.to_string();
        return AccessKey{.access_key_id = access_key_id,
                         .secret_access_key = administrator_.secret_access_key,
                         .principal = {.kind = Principal::Kind::root,
                                       .account_id = account,
                                       .arn = arn,
                                       .identity_arn = arn,
                                       .unique_id = account,
                                       .user_id = account}};
    }
    if (access_key_id.starts_with("ASIA")) {
        auto session = store_.find_session(access_key_id);
        // A session ends with its role, also when one of the same name is made.
        if (session &&
            unique_id_of(session->principal.identity_arn) != session->principal.unique_id)
            return std::nullopt;
        return session;
    }
    const auto key = store_.find_key(access_key_id);
    if (!key || !key->active)
        return std::nullopt;
    const auto user = store_.find(Identity::Kind::user, key->user);
    if (!user)
        return std::nullopt;
    return AccessKey{.access_key_id = access_key_id,
                     .secret_access_key = key->secret_access_key,
                     .principal = {.kind = Principal::Kind::user,
                                   .account_id = account,
                                   .arn = user->arn,
                                   .identity_arn = user->arn,
                                   .unique_id = user->id,
                                   .user_id = user->id}};
}

Question IdentityAccess::question_of(const Principal& principal, const std::string& action,
                                     const std::string& resource,
                                     const ConditionContext& context) const
{
    Question question{principal, action, resource, context};
    question.context.try_emplace("aws:PrincipalArn", principal.identity_arn);
    question.context.try_emplace("aws:PrincipalAccount", principal.account_id);
    question.context.try_emplace("aws:CurrentTime", format_iso8601_seconds(store_.now()));
    question.context.try_emplace("aws:EpochTime", std::to_string(to_unix_seconds(store_.now())));
    return question;
}

Decision IdentityAccess::authorize(const Principal& principal, const std::string& action,
                                   const std::string& resource, const ConditionContext& context,
                                   const std::string& resource_policy)
{
    if (principal.kind == Principal::Kind::root)
        return {.allowed = true};
    const auto question = question_of(principal, action, resource, context);
    auto by_resource = Verdict::silent;
    if (!resource_policy.empty())
        by_resource =
            evaluate_resource(parse_policy(resource_policy, PolicyUse::resource), question);
    if (by_resource == Verdict::deny)
        return {.denied = true,
                .explanation =
                    refusal(question, "with an explicit deny in a resource-based policy")};

    auto by_identity = Verdict::silent;
    auto by_boundary = Verdict::allow;
    if (principal.kind != Principal::Kind::service) {
        const auto identity = store_.find_by_arn(principal.identity_arn);
        // Credentials of an identity that was deleted, and perhaps made again, have no policies.
        if (identity && identity->id == principal.unique_id) {
            by_identity = evaluate_identity(policies_of(*identity, store_), question);
            by_boundary = within_boundary(*identity, store_, question);
        }
    }
    if (by_identity == Verdict::deny)
        return {.denied = true,
                .explanation =
                    refusal(question, "with an explicit deny in an identity-based policy")};
    if (by_boundary == Verdict::deny)
        return {.denied = true,
                .explanation =
                    refusal(question, "with an explicit deny in a permissions boundary")};
    if (by_identity == Verdict::allow || by_resource == Verdict::allow) {
        if (by_boundary == Verdict::allow)
            return {.allowed = true};
        return {.explanation = refusal(question, "because no permissions boundary allows the " +
                                                     action + " action")};
    }
    return {.explanation = refusal(question, "because no identity-based policy allows the " +
                                                 action + " action")};
}

std::optional<std::string> IdentityAccess::unique_id_of(const std::string& identity_arn)
{
    const auto identity = store_.find_by_arn(identity_arn);
    return identity ? std::optional(identity->id) : std::nullopt;
}

bool IdentityAccess::service_may_assume(const std::string& role_arn, const std::string& service,
                                        const ConditionContext& context)
{
    const auto role = find_role(role_arn);
    return role && trusts(*role, service, context);
}

Decision IdentityAccess::ensure_service_linked_role(const Principal& principal,
                                                    const ServiceLinkedRole& role)
{
    auto wanted = store_.make(Identity::Kind::role, role.name,
                              std::string(service_linked_path) + role.service + '/');
    const auto present = store_.find(Identity::Kind::role, role.name);
    if (present && present->path == wanted.path)
        return {.allowed = true};
    auto decision = authorize(principal, "iam:CreateServiceLinkedRole", wanted.arn,
                              {{"iam:AWSServiceName", role.service}}, {});
    if (!decision.allowed)
        return decision;
    if (present)
        return {.explanation = "Service role name " + role.name +
                               " has been taken in this account by the role " + present->arn};
    wanted.trust_policy = json::serialize(json::object{
        {"Version", "2012-10-17"},
        {"Statement",
         json::array{json::object{{"Effect", "Allow"},
                                  {"Principal", json::object{{"Service", role.service}}},
                                  {"Action", "sts:AssumeRole"}}}}});
    store_.put(wanted);
    return decision;
}

Identity IdentityAccess::need_trusting_role(const std::string& arn, const std::string& service,
                                            const ConditionContext& context)
{
    auto role = find_role(arn);
    if (!role)
        throw Error("The role " + arn + " does not exist.",
                    "Create the role again, or deploy again.");
    if (!trusts(*role, service, context))
        throw Error("The role " + arn + " does not trust " + service + ".",
                    "Allow sts:AssumeRole to that service in the role's trust policy.");
    return std::move(*role);
}

AccessKey IdentityAccess::assume_role_for_service(const std::string& role_arn,
                                                  const std::string& service,
                                                  const std::string& session_name,
                                                  std::chrono::seconds duration)
{
    return store_.open_session(need_trusting_role(role_arn, service, {}), session_name, duration);
}

Principal IdentityAccess::act_as_role(const std::string& role_arn, const std::string& service,
                                      const std::string& session_name,
                                      const ConditionContext& context)
{
    return store_.session_principal(need_trusting_role(role_arn, service, context), session_name);
}

} // namespace nimbus::local::iam
