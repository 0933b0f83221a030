#pragma once

#include "local/iam/evaluate.h"
#include "local/iam/identity_store.h"

namespace nimbus::local::iam {

/// AccessControl over the account's identities.
class IdentityAccess : public AccessControl {
public:
    IdentityAccess(IdentityStore& store, AdministratorKey administrator);

    std::optional<AccessKey> find_access_key(const std::string& access_key_id) override;
    Decision authorize(const Principal& principal, const std::string& action,
                       const std::string& resource, const ConditionContext& context,
                       const std::string& resource_policy) override;
    std::optional<std::string> unique_id_of(const std::string& identity_arn) override;
    bool service_may_assume(const std::string& role_arn, const std::string& service,
                            const ConditionContext& context) override;
    Decision ensure_service_linked_role(const Principal& principal,
                                        const ServiceLinkedRole& role) override;
    AccessKey assume_role_for_service(const std::string& role_arn, const std::string& service,
                                      const std::string& session_name,
                                      std::chrono::seconds duration) override;
    Principal act_as_role(const std::string& role_arn, const std::string& service,
                          const std::string& session_name,
                          const ConditionContext& context) override;

    /// The question with the keys that IAM adds to every request's ("AWS global condition context
    /// keys" in IAM's User Guide).
    Question question_of(const Principal& principal, const std::string& action,
                         const std::string& resource, const ConditionContext& context) const;

private:
    /// The role of that ARN, if there is one.
    std::optional<Identity> find_role(const std::string& arn);
    /// Throws Error when there is none, or when it does not trust the service.
    Identity need_trusting_role(const std::string& arn, const std::string& service,
                                const ConditionContext& context);

    IdentityStore& store_;
    AdministratorKey administrator_;
};

} // namespace nimbus::local::iam
