#pragma once

#include "base/time.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace nimbus::local {

/// Who is calling.
struct Principal {
    enum class Kind { root, user, assumed_role, service };

    Kind kind = Kind::user;
    std::string account_id;
    /// arn:aws:iam::A:root, …:user/U, or arn:aws:sts::A:assumed-role/R/S
    std::string arn;
    /// The IAM identity behind the call: the role's or user's own ARN (roles keep their path here)
    std::string identity_arn;
    /// The role's or user's unique id (AROA…, AIDA…): differs when it was deleted and made again
    std::string unique_id;
    /// sts:GetCallerIdentity's UserId: AIDA…, or AROA…:session
    std::string user_id;
};

/// A key pair that signs requests, and whose it is.
struct AccessKey {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;         ///< empty for long-term keys
    std::optional<SystemTime> expires; ///< temporary credentials only
    Principal principal;
};

/// The long-term key of the account's root user, which every policy lets through.
struct AdministratorKey {
    std::string access_key_id;
    std::string secret_access_key;
};

/// The outcome of a policy evaluation. `explanation` is AWS's sentence for a refusal: "User: <arn>
/// is not authorized to perform: <action> on resource: <resource> because no identity-based policy
/// allows the <action> action" (or "… with an explicit deny …").
struct Decision {
    bool allowed = false;
    bool denied = false; ///< explicitly, so that nothing else can allow it
    std::string explanation;
};

/// Keys of the request that policies' conditions may test, such as aws:SourceArn. Where a key may
/// have several values, such as aws:TagKeys, these are lines.
using ConditionContext = std::map<std::string, std::string>;

/// aws:ResourceTag/… for each tag of a resource.
inline ConditionContext resource_tags(const std::map<std::string, std::string>& tags)
{
    ConditionContext context;
    for (const auto& [key, value] : tags)
        context["aws:ResourceTag/" + key] = value;
    return context;
}

/// A role that a service acts with and that only this service may change. Source: IAM User Guide,
/// "Create a service-linked role".
struct ServiceLinkedRole {
    std::string service; ///< dsql.amazonaws.com
    std::string name;    ///< AWSServiceRoleForAuroraDsql
};

/// What other rooms of the local cloud ask of IAM. Thread-safe.
class AccessControl {
public:
    virtual ~AccessControl() = default;

    virtual std::optional<AccessKey> find_access_key(const std::string& access_key_id) = 0;

    /// Evaluates the identity's policies; `resource_policy` is the resource's own policy document
    /// (JSON) where it has one, else empty.
    virtual Decision authorize(const Principal& principal, const std::string& action,
                               const std::string& resource, const ConditionContext& context = {},
                               const std::string& resource_policy = {}) = 0;

    /// The unique id of the role or user with that ARN; nothing when there is none.
    virtual std::optional<std::string> unique_id_of(const std::string& identity_arn)
    {
        (void)identity_arn;
        return std::nullopt;
    }

    /// Is there a role of that ARN which trusts `service` (such as lambda.amazonaws.com)?
    /// `context`: what the role's trust policy may test.
    virtual bool service_may_assume(const std::string& role_arn, const std::string& service,
                                    const ConditionContext& context = {})
    {
        (void)role_arn, (void)service, (void)context;
        return false;
    }

    /// Makes the role unless the account has it, for which `principal` needs
    /// iam:CreateServiceLinkedRole.
    virtual Decision ensure_service_linked_role(const Principal& principal,
                                                const ServiceLinkedRole& role)
    {
        (void)principal, (void)role;
        return {.allowed = true};
    }

    /// Temporary credentials of a role, as a service gets them to run a function. Throws Error when
    /// the role does not exist or does not trust `service` (such as lambda.amazonaws.com).
    virtual AccessKey assume_role_for_service(const std::string& role_arn,
                                              const std::string& service,
                                              const std::string& session_name,
                                              std::chrono::seconds duration) = 0;

    /// Who `service` is while it acts with a role's permissions itself: a session that needs no
    /// credentials. Throws Error as assume_role_for_service does.
    virtual Principal act_as_role(const std::string& role_arn, const std::string& service,
                                  const std::string& session_name,
                                  const ConditionContext& context = {})
    {
        (void)context;
        return assume_role_for_service(role_arn, service, session_name, std::chrono::minutes(15))
            .principal;
    }
};

} // namespace nimbus::local
