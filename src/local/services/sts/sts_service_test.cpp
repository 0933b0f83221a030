#include "local/services/sts/sts_service.h"
#include "local/services/test_calls.h"

namespace nimbus::local {
namespace {

using namespace testing_calls;

class StsService : public testing::Test {
protected:
    void trust(const std::string& principal)
    {
        auto role = store_.make(iam::Identity::Kind::role, "app", "/");
        role.trust_policy =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
            R"("Principal":)" +
            principal + "}]}";
        store_.put(role);
    }
    http::Response assume(const Principal& caller,
                          const std::string& role = "arn:aws:iam::123456789012:role/app")
    {
        return send(service_, {.method = "POST",
                               .target = "/",
                               .body = "Action=AssumeRole&RoleSessionName=me&RoleArn=" + role,
                               .caller = caller});
    }
    /// A user whose own policy lets him assume roles.
    Principal ana()
    {
        auto user = store_.make(iam::Identity::Kind::user, "ana", "/");
        user.inline_policies["assume"] =
            R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}})";
        store_.put(user);
        return {.kind = Principal::Kind::user,
                .account_id = "123456789012",
                .arn = user.arn,
                .identity_arn = user.arn,
                .unique_id = user.id,
                .user_id = user.id};
    }

    sqlite::Database database_{":memory:"};
    iam::IdentityStore store_{database_, "123456789012", system_now};
    iam::IdentityAccess access_{store_, {"AKIAROOT", "secret"}};
    Service service_ = make_sts_service(store_, access_);
};

TEST_F(StsService, AssumeRoleAsksTheTrustPolicy)
{
    const auto user = ana();
    trust(R"({"Service":"lambda.amazonaws.com"})");
    EXPECT_EQ(element(assume(user), "Code"), "AccessDenied");
    trust(R"({"AWS":"123456789012"})");
    const auto session = assume(user);
    EXPECT_EQ(session.status, 200);
    EXPECT_EQ(element(session, "Arn"), "arn:aws:sts::123456789012:assumed-role/app/me");
    const auto key = access_.find_access_key(element(session, "AccessKeyId"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->session_token, element(session, "SessionToken"));
}

TEST_F(StsService, TheRootUserAssumesNoRole)
{
    trust(R"({"AWS":"123456789012"})");
    const auto refused = assume(administrator);
    EXPECT_EQ(element(refused, "Code"), "AccessDenied");
    EXPECT_EQ(element(refused, "Message"), "Roles may not be assumed by root accounts.");
}

TEST_F(StsService, AnArnThatNamesNoRoleIsInvalid)
{
    for (const auto* text : {"app", "arn:aws:iam::123456789012:user/ana", "arn:aws:s3:::bucket"})
        EXPECT_EQ(element(assume(ana(), text), "Code"), "ValidationError") << text;
}

} // namespace
} // namespace nimbus::local
