#include "aws/ops/sso/role_credentials.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::sso {
namespace {

TEST(SsoGetRoleCredentials, CarriesTheTokenInAHeader)
{
    const auto request = GetRoleCredentials{.role_name = "Developer",
                                            .account_id = "123456789012",
                                            .access_token = "token"}
                             .encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/federation/credentials");
    EXPECT_EQ(request.query, (std::vector<std::pair<std::string, std::string>>{
                                 {"role_name", "Developer"}, {"account_id", "123456789012"}}));
    EXPECT_EQ(request.headers.get("x-amz-sso_bearer_token"), "token");
    EXPECT_TRUE(request.body.empty());
}

TEST(SsoGetRoleCredentials, GivesTemporaryCredentials)
{
    const auto role = GetRoleCredentials::decode(
        {.body = R"({"roleCredentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE",
                     "secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                     "sessionToken":"IQoJb3JpZ2luX2VjEXAMPLE","expiration":2000000000000}})"});
    EXPECT_EQ(role.access_key_id, "ASIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(role.session_token, "IQoJb3JpZ2luX2VjEXAMPLE");
    EXPECT_EQ(role.expiration, from_unix_milliseconds(2'000'000'000'000));
}

TEST(SsoGetRoleCredentials, RefusesWhatIsNoAnswerToIt)
{
    for (const char* body : {"", "[]", "{}", R"({"roleCredentials":{}})",
                             R"({"roleCredentials":{"accessKeyId":"A"}})"})
        EXPECT_THROW(GetRoleCredentials::decode({.body = body}), Error) << body;
}

} // namespace
} // namespace nimbus::aws::sso
