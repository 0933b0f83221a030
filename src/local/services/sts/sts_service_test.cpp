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
    http::Response assume()
    {
        return send_form(service_, "Action=AssumeRole&RoleSessionName=me&RoleArn="
                                   "arn:aws:iam::123456789012:role/app");
    }

    sqlite::Database database_{":memory:"};
    iam::IdentityStore store_{database_, "123456789012", system_now};
    iam::IdentityAccess access_{store_, {"AKIAROOT", "secret"}};
    Service service_ = make_sts_service(store_, access_);
};

TEST_F(StsService, AssumeRoleAsksTheTrustPolicy)
{
    trust(R"({"Service":"lambda.amazonaws.com"})");
    EXPECT_EQ(element(assume(), "Code"), "AccessDenied");
    trust(R"({"AWS":"123456789012"})");
    const auto session = assume();
    EXPECT_EQ(session.status, 200);
    EXPECT_EQ(element(session, "Arn"), "arn:aws:sts::123456789012:assumed-role/app/me");
    const auto key = access_.find_access_key(element(session, "AccessKeyId"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->session_token, element(session, "SessionToken"));
}

} // namespace
} // namespace nimbus::local
