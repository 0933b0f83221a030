#include "aws/ops/sso_oidc/token.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::sso_oidc {
namespace {

TEST(SsoOidcCreateToken, AsksWithTheRefreshToken)
{
    const auto request =
        CreateToken{.client_id = "id", .client_secret = "secret", .refresh_token = "refresh"}
            .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/token");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.body, R"({"clientId":"id","clientSecret":"secret",)"
                            R"("grantType":"refresh_token","refreshToken":"refresh"})");
}

TEST(SsoOidcCreateToken, GivesANewTokenAndMaybeANewRefreshToken)
{
    const auto both = CreateToken::decode(
        {.body = R"({"accessToken":"access","tokenType":"Bearer","expiresIn":3600,
                     "refreshToken":"next"})"});
    EXPECT_EQ(both.access_token, "access");
    EXPECT_EQ(both.refresh_token, "next");
    EXPECT_EQ(both.expires_in, std::chrono::hours(1));
    EXPECT_EQ(CreateToken::decode({.body = R"({"accessToken":"a","expiresIn":1})"}).refresh_token,
              "");
}

TEST(SsoOidcCreateToken, RefusesWhatIsNoAnswerToIt)
{
    for (const char* body :
         {"", "{}", R"({"accessToken":"a"})", R"({"accessToken":"a","expiresIn":-1})",
          R"({"accessToken":"a","expiresIn":"soon"})",
          R"({"accessToken":"a","expiresIn":9223372036854775807})"})
        EXPECT_THROW(CreateToken::decode({.body = body}), Error) << body;
}

} // namespace
} // namespace nimbus::aws::sso_oidc
