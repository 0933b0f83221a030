#include "aws/credentials/test_home.h"
#include "aws/credentials/test_sts.h"
#include "aws/test_server.h"

namespace nimbus::aws {
namespace {

using testing_server::ScriptedServer;
using testing_sts::role_answer;

class WebIdentity : public testing_home::Home {
protected:
    void SetUp() override { put("token", "head.body.signature\n"); }

    std::string token_file() const { return path("token"); }
    const http::Response answer = role_answer("AssumeRoleWithWebIdentity", "ASIAWEB");
};

TEST_F(WebIdentity, IsTakenFromTheEnvironment)
{
    ScriptedServer sts({answer});
    const auto found = source({{"AWS_WEB_IDENTITY_TOKEN_FILE", token_file()},
                               {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"},
                               {"AWS_ROLE_SESSION_NAME", "build-7"}},
                              sts.origin())();
    EXPECT_EQ(found.keys.access_key_id, "ASIAWEB");
    EXPECT_EQ(found.origin,
              "web identity (AWS_WEB_IDENTITY_TOKEN_FILE), role arn:aws:iam::1:role/ci");
    const auto request = sts.requests().at(0);
    EXPECT_EQ(request.body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&"
                            "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fci&RoleSessionName=build-7&"
                            "WebIdentityToken=head.body.signature");
    EXPECT_FALSE(request.headers.contains("Authorization"));
}

TEST_F(WebIdentity, IsTakenFromTheProfile)
{
    ScriptedServer sts({answer});
    config("[profile ci]\nrole_arn = arn:aws:iam::1:role/ci\nweb_identity_token_file = ~/token\n");
    const auto found = source({{"AWS_PROFILE", "ci"}}, sts.origin())();
    EXPECT_EQ(found.origin, "profile 'ci', web identity, role arn:aws:iam::1:role/ci");
    EXPECT_NE(sts.requests().at(0).body.find("RoleSessionName=nimbus-1700000000"),
              std::string::npos);
}

TEST_F(WebIdentity, AssumesTheRoleOfAnotherProfile)
{
    ScriptedServer sts({answer, role_answer("AssumeRole", "ASIAROLE")});
    config("[profile ci]\nrole_arn = arn:aws:iam::1:role/ci\nweb_identity_token_file = ~/token\n"
           "[profile deployer]\nrole_arn = arn:aws:iam::2:role/deployer\nsource_profile = ci\n");
    EXPECT_EQ(source({}, sts.origin(), "deployer")().keys.access_key_id, "ASIAROLE");
    EXPECT_NE(sts.requests().at(1).headers.get("Authorization").find("ASIAWEB/"),
              std::string_view::npos);
}

TEST_F(WebIdentity, ReadsTheTokenForEachRenewal)
{
    ScriptedServer sts({role_answer("AssumeRoleWithWebIdentity", "ASIA1", "2023-11-14T22:20:00Z"),
                        role_answer("AssumeRoleWithWebIdentity", "ASIA2")});
    const auto credentials = source(
        {{"AWS_WEB_IDENTITY_TOKEN_FILE", token_file()}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"}},
        sts.origin());
    EXPECT_EQ(credentials().keys.access_key_id, "ASIA1");
    put("token", "next.token.s");
    now += std::chrono::minutes(10);
    EXPECT_EQ(credentials().keys.access_key_id, "ASIA2");
    EXPECT_TRUE(sts.requests().at(1).body.ends_with("WebIdentityToken=next.token.s"));
}

TEST_F(WebIdentity, SaysWhatIsMissing)
{
    EXPECT_EQ(failure_of(source({{"AWS_WEB_IDENTITY_TOKEN_FILE", token_file()}})),
              "AWS_WEB_IDENTITY_TOKEN_FILE names a web identity, but there is no role for it | Set "
              "AWS_ROLE_ARN.");
    EXPECT_EQ(failure_of(source({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere"},
                                 {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"}})),
              "AWS_WEB_IDENTITY_TOKEN_FILE names the web identity token '/nowhere', which is not "
              "there | What runs this (the CI system, the cluster) has to write it.");
    put("token", "\n");
    config("[profile ci]\nrole_arn = arn:aws:iam::1:role/ci\nweb_identity_token_file = ~/token\n");
    EXPECT_NE(failure_of(source({}, {}, "ci"))
                  .find("The AWS profile 'ci' names the web identity "
                        "token '~/token', which is empty"),
              std::string::npos);
}

} // namespace
} // namespace nimbus::aws
