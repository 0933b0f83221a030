#include "base/error.h"
#include "local/iam/identity_access.h"

#include <gtest/gtest.h>

namespace nimbus::local::iam {
namespace {

constexpr auto everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr auto trusts_lambda =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
    R"("Principal":{"Service":"lambda.amazonaws.com"}}]})";

class IdentityAccessTest : public testing::Test {
protected:
    Identity add_role()
    {
        auto role = store_.make(Identity::Kind::role, "app", "/nimbus/");
        role.trust_policy = trusts_lambda;
        store_.put(role);
        return role;
    }

    sqlite::Database database_{":memory:"};
    SystemTime now_ = *parse_iso8601("2024-12-01T12:00:00Z");
    IdentityStore store_{database_, "123456789012", [this] { return now_; }};
    IdentityAccess access_{store_, {"AKIAROOT", "secret"}};
};

TEST_F(IdentityAccessTest, TheAdministratorMayDoEverything)
{
    const auto key = access_.find_access_key("AKIAROOT");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->principal.arn, "arn:aws:iam::123456789012:root");
    EXPECT_TRUE(
        access_.authorize(key->principal, "s3:GetObject", "arn:aws:s3:::b/k", {}, {}).allowed);
}

TEST_F(IdentityAccessTest, TheFirstWhoNeedsAServicesOwnRoleMakesIt)
{
    const ServiceLinkedRole wanted{.service = "dsql.amazonaws.com",
                                   .name = "AWSServiceRoleForAuroraDsql"};
    auto user = store_.make(Identity::Kind::user, "deployer", "/");
    store_.put(user);
    const Principal caller{.account_id = "123456789012",
                           .arn = user.arn,
                           .identity_arn = user.arn,
                           .unique_id = user.id};
    EXPECT_EQ(access_.ensure_service_linked_role(caller, wanted).explanation,
              "User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: "
              "iam:CreateServiceLinkedRole on resource: "
              "arn:aws:iam::123456789012:role/aws-service-role/dsql.amazonaws.com/"
              "AWSServiceRoleForAuroraDsql because no identity-based policy allows the "
              "iam:CreateServiceLinkedRole action");
    EXPECT_FALSE(store_.find(Identity::Kind::role, wanted.name));

    user.inline_policies["p"] =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",)"
        R"("Action":"iam:CreateServiceLinkedRole",)"
        R"("Condition":{"StringEquals":{"iam:AWSServiceName":"dsql.amazonaws.com"}}}]})";
    store_.put(user);
    EXPECT_TRUE(access_.ensure_service_linked_role(caller, wanted).allowed);
    const auto role = store_.find(Identity::Kind::role, wanted.name);
    ASSERT_TRUE(role);
    EXPECT_TRUE(access_.service_may_assume(role->arn, "dsql.amazonaws.com", {}));

    user.inline_policies.clear();
    store_.put(user);
    EXPECT_TRUE(access_.ensure_service_linked_role(caller, wanted).allowed) << "it is there";
}

TEST_F(IdentityAccessTest, ARoleOfThatNameIsNotAServicesOwnRole)
{
    store_.put(store_.make(Identity::Kind::role, "AWSServiceRoleForAuroraDsql", "/"));
    const auto caller = access_.find_access_key("AKIAROOT")->principal;
    const auto decision = access_.ensure_service_linked_role(
        caller, {.service = "dsql.amazonaws.com", .name = "AWSServiceRoleForAuroraDsql"});
    EXPECT_FALSE(decision.allowed);
    EXPECT_EQ(decision.explanation,
              "Service role name AWSServiceRoleForAuroraDsql has been taken in this account by the "
              "role arn:aws:iam::123456789012:role/AWSServiceRoleForAuroraDsql");
}

TEST_F(IdentityAccessTest, AServiceGetsCredentialsOfARoleThatTrustsIt)
{
    const auto role = add_role();
    const auto key = access_.assume_role_for_service(role.arn, "lambda.amazonaws.com", "fn",
                                                     std::chrono::hours(1));
    EXPECT_EQ(key.principal.arn, "arn:aws:sts::123456789012:assumed-role/app/fn");
    EXPECT_EQ(key.principal.identity_arn, "arn:aws:iam::123456789012:role/nimbus/app");
    EXPECT_EQ(key.principal.user_id, role.id + ":fn");
    const auto found = access_.find_access_key(key.access_key_id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->session_token, key.session_token);
    EXPECT_EQ(found->expires, now_ + std::chrono::hours(1));
    EXPECT_THROW(
        access_.assume_role_for_service(role.arn, "ec2.amazonaws.com", "x", std::chrono::hours(1)),
        Error);
}

TEST_F(IdentityAccessTest, PoliciesOfARoleDecideAndARefusalSaysWhy)
{
    auto role = add_role();
    const auto key = store_.open_session(role, "s", std::chrono::hours(1));
    const auto ask = [&] {
        return access_.authorize(key.principal, "s3:GetObject", "arn:aws:s3:::b/k", {}, {});
    };
    EXPECT_FALSE(ask().allowed);
    EXPECT_EQ(ask().explanation,
              "User: arn:aws:sts::123456789012:assumed-role/app/s is not authorized to perform: "
              "s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows "
              "the s3:GetObject action");
    role.inline_policies["all"] = everything;
    store_.put(role);
    EXPECT_TRUE(ask().allowed);
    role.inline_policies.clear();
    role.attached_policies = {"arn:aws:iam::aws:policy/AdministratorAccess"};
    store_.put(role);
    EXPECT_TRUE(ask().allowed);
}

TEST_F(IdentityAccessTest, ARoleMayDoWhatBothItsPoliciesAndItsBoundaryAllow)
{
    auto boundary = store_.make_policy("limit", "/");
    boundary.document =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},)"
        R"({"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]})";
    store_.put_policy(boundary);
    auto role = add_role();
    role.permissions_boundary = boundary.arn;
    store_.put(role);
    const auto key = store_.open_session(role, "s", std::chrono::hours(1));
    const auto ask = [&](const std::string& action) {
        return access_.authorize(key.principal, action, "arn:aws:s3:::b/k", {}, {});
    };
    EXPECT_FALSE(ask("s3:GetObject").allowed) << "the boundary gives nothing itself";
    role.inline_policies["all"] = everything;
    store_.put(role);
    EXPECT_TRUE(ask("s3:GetObject").allowed);
    EXPECT_EQ(ask("iam:CreateUser").explanation,
              "User: arn:aws:sts::123456789012:assumed-role/app/s is not authorized to perform: "
              "iam:CreateUser on resource: arn:aws:s3:::b/k because no permissions boundary allows "
              "the iam:CreateUser action");
    EXPECT_TRUE(ask("s3:DeleteObject").denied);
    store_.erase_policy(boundary.arn);
    EXPECT_FALSE(ask("s3:GetObject").allowed);
}

TEST_F(IdentityAccessTest, AServiceActsAsARoleWhereTheTrustPolicysConditionsHold)
{
    auto role = add_role();
    role.inline_policies["all"] = everything;
    role.trust_policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"Service":"scheduler.amazonaws.com"},)"
        R"("Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]})";
    store_.put(role);
    const auto service = "scheduler.amazonaws.com";
    const ConditionContext own{{"aws:SourceAccount", "123456789012"}};
    EXPECT_TRUE(access_.service_may_assume(role.arn, service, own));
    EXPECT_FALSE(access_.service_may_assume(role.arn, service, {}));
    EXPECT_THROW(access_.act_as_role(role.arn, service, "s", {}), Error);
    const auto principal = access_.act_as_role(role.arn, service, "s", own);
    EXPECT_EQ(principal.arn, "arn:aws:sts::123456789012:assumed-role/app/s");
    EXPECT_TRUE(access_.authorize(principal, "s3:GetObject", "arn:aws:s3:::b/k", {}, {}).allowed);
}

TEST_F(IdentityAccessTest, CredentialsOfADeletedRoleDoNotGetTheNewRolesPolicies)
{
    const auto key = store_.open_session(add_role(), "s", std::chrono::hours(1));
    store_.erase(Identity::Kind::role, "app");
    auto again = add_role();
    again.inline_policies["all"] = everything;
    store_.put(again);
    EXPECT_FALSE(access_.authorize(key.principal, "s3:GetObject", "*", {}, {}).allowed);
    EXPECT_FALSE(access_.find_access_key(key.access_key_id));
}

TEST_F(IdentityAccessTest, AResourcesPolicyThatNamesTheAccountLeavesTheDecisionToIdentities)
{
    auto role = add_role();
    const auto key = store_.open_session(role, "s", std::chrono::hours(1));
    const auto allowed = [&](const std::string& effect, const std::string& principal) {
        return access_
            .authorize(key.principal, "lambda:InvokeFunction", "arn:aws:lambda:r:1:function:f", {},
                       R"({"Version":"2012-10-17","Statement":{"Effect":")" + effect +
                           R"(","Principal":)" + principal +
                           R"(,"Action":"lambda:InvokeFunction","Resource":"*"}})")
            .allowed;
    };
    const auto account = R"({"AWS":"arn:aws:iam::123456789012:root"})";
    EXPECT_FALSE(allowed("Allow", account));
    EXPECT_TRUE(allowed("Allow", R"({"AWS":")" + role.arn + R"("})"));
    EXPECT_TRUE(allowed("Allow", R"("*")"));
    role.inline_policies["all"] = everything;
    store_.put(role);
    EXPECT_TRUE(allowed("Allow", account));
    EXPECT_FALSE(allowed("Deny", account));
}

TEST_F(IdentityAccessTest, AnInactiveOrOrphanedKeyIsUnknown)
{
    const auto user = store_.make(Identity::Kind::user, "ana", "/");
    store_.put(user);
    auto key = store_.make_key("ana");
    store_.put_key(key);
    EXPECT_TRUE(access_.find_access_key(key.access_key_id));
    key.active = false;
    store_.put_key(key);
    EXPECT_FALSE(access_.find_access_key(key.access_key_id));
}

} // namespace
} // namespace nimbus::local::iam
