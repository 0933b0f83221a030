#include "aws/ops/signin/token.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::signin {
namespace {

TEST(SigninCreateOAuth2Token, AsksWithTheRefreshTokenAndAProof)
{
    const auto request = CreateOAuth2Token{.client_id = "arn:aws:signin:::devtools/same-device",
                                           .refresh_token = "refresh",
                                           .dpop_proof = "a.b.c"}
                             .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/token");
    EXPECT_EQ(request.headers.get("DPoP"), "a.b.c");
    EXPECT_EQ(request.body, R"({"clientId":"arn:aws:signin:::devtools/same-device",)"
                            R"("grantType":"refresh_token","refreshToken":"refresh"})");
}

TEST(SigninCreateOAuth2Token, GivesCredentialsAndTheNextRefreshToken)
{
    const auto token = CreateOAuth2Token::decode(
        {.body = R"({"accessToken":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"s",
                     "sessionToken":"t"},"tokenType":"aws_sigv4","expiresIn":900,
                     "refreshToken":"next"})"});
    EXPECT_EQ(token.access_key_id, "ASIAEXAMPLE");
    EXPECT_EQ(token.secret_access_key, "s");
    EXPECT_EQ(token.session_token, "t");
    EXPECT_EQ(token.refresh_token, "next");
    EXPECT_EQ(token.expires_in, std::chrono::minutes(15));
}

TEST(SigninCreateOAuth2Token, RefusesWhatIsNoAnswerToIt)
{
    for (const char* body : {"", "{}", R"({"accessToken":"text","expiresIn":1})",
                             R"({"accessToken":{"accessKeyId":"A"},"expiresIn":1})"})
        EXPECT_THROW(CreateOAuth2Token::decode({.body = body}), Error) << body;
}

} // namespace
} // namespace nimbus::aws::signin
