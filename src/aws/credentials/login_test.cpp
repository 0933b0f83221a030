#include "aws/credentials/test_home.h"
#include "aws/test_server.h"
#include "base/json.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"

#include <sys/stat.h>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;
using testing_home::test_time;
using testing_server::ScriptedServer;

const std::string session = "arn:aws:iam::123456789012:user/me";
const std::string cache = ".aws/login/cache/" + crypto::sha256_hex(session) + ".json";

const http::Response renewed{
    .status = 200,
    .body = R"({"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s2","sessionToken":"t2"},
                "tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"refresh-2"})"};

http::Response refusal(int status, const std::string& error)
{
    return {.status = status,
            .headers = {{"x-amzn-ErrorType", "AccessDeniedException"}},
            .body = R"({"error":")" + error + R"(","message":"no"})"};
}

class Login : public testing_home::Home {
protected:
    void SetUp() override { config("[profile me]\nlogin_session = " + session + "\n"); }

    /// What `aws login` leaves, good for `time_left`.
    void signed_in(std::chrono::seconds time_left, const std::string& file = cache) const
    {
        const auto key =
            crypto::create_certificate_authority("test", std::chrono::days(1)).private_key_pem;
        put(file, compact_json(json::object{
                      {"accessToken",
                       json::object{{"accessKeyId", "ASIAOLD"},
                                    {"secretAccessKey", "s1"},
                                    {"sessionToken", "t1"},
                                    {"accountId", "123456789012"},
                                    {"expiresAt", format_iso8601_seconds(test_time + time_left)}}},
                      {"tokenType", "aws_sigv4"},
                      {"refreshToken", "refresh-1"},
                      {"clientId", "arn:aws:signin:::devtools/same-device"},
                      {"dpopKey", key}}));
    }

    CredentialSource me(const std::string& endpoint = {}) const
    {
        return source({}, endpoint, "me");
    }
};

TEST_F(Login, GivesTheCredentialsThatAreKept)
{
    signed_in(15min);
    const auto found = me("http://127.0.0.1:1")();
    EXPECT_EQ(found.keys.access_key_id, "ASIAOLD");
    EXPECT_EQ(found.keys.session_token, "t1");
    EXPECT_EQ(found.expires, test_time + 15min);
    EXPECT_EQ(found.origin, "profile 'me', login session");
}

TEST_F(Login, RenewsThemWithAProofAndKeepsTheNewOnes)
{
    ScriptedServer sign_in({renewed});
    signed_in(5min);
    const auto found = me(sign_in.origin())();
    EXPECT_EQ(found.keys.access_key_id, "ASIANEW");
    EXPECT_EQ(found.expires, test_time + 15min);
    const auto request = sign_in.requests().at(0);
    EXPECT_EQ(request.target, "/v1/token");
    EXPECT_EQ(request.body, R"({"clientId":"arn:aws:signin:::devtools/same-device",)"
                            R"("grantType":"refresh_token","refreshToken":"refresh-1"})");
    EXPECT_TRUE(request.headers.get("DPoP").starts_with("ey"));
    EXPECT_FALSE(request.headers.contains("Authorization"));

    const auto kept = parse_json(read(cache), "cache").as_object();
    EXPECT_EQ(kept.at("refreshToken"), "refresh-2");
    const auto& credentials = kept.at("accessToken").as_object();
    EXPECT_EQ(credentials.at("secretAccessKey"), "s2");
    EXPECT_EQ(credentials.at("accountId"), "123456789012");
    EXPECT_EQ(credentials.at("expiresAt").as_string(), format_iso8601_seconds(test_time + 15min));
    EXPECT_TRUE(kept.contains("dpopKey"));
    struct stat status{};
    ASSERT_EQ(::stat(path(cache).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Login, SendsAProofOnlyOnce)
{
    ScriptedServer sign_in({{.status = 500}, renewed});
    signed_in(-1min);
    EXPECT_NE(failure_of(me(sign_in.origin())).find("AWS Sign-In failed at CreateOAuth2Token"),
              std::string::npos);
    EXPECT_EQ(sign_in.requests().size(), 1U);
}

TEST_F(Login, UsesTheOldOnesToTheirEnd)
{
    ScriptedServer sign_in({http::Response{.status = 500}});
    signed_in(4min);
    EXPECT_EQ(me(sign_in.origin())().keys.access_key_id, "ASIAOLD");
}

TEST_F(Login, SaysHowToSignInAgain)
{
    EXPECT_EQ(failure_of(me()),
              "The AWS profile 'me' is not signed in | Run `aws login --profile me`.");
    signed_in(-1min);
    struct Row {
        const char* error;
        const char* failure;
    };
    const Row rows[] = {
        {"TOKEN_EXPIRED", "The AWS profile 'me' has an expired login session | Run `aws login "
                          "--profile me`."},
        {"USER_CREDENTIALS_CHANGED", "The AWS profile 'me' has a login session whose user has "
                                     "changed | Run `aws login --profile me`."},
        {"INSUFFICIENT_PERMISSIONS",
         "AWS Sign-In may not renew the login session of the AWS profile 'me' | The signed-in "
         "identity has to be allowed signin:CreateOAuth2Token."},
    };
    for (const auto& row : rows) {
        ScriptedServer sign_in({refusal(401, row.error)});
        EXPECT_EQ(failure_of(me(sign_in.origin())), row.failure);
    }
}

TEST_F(Login, NamesADamagedSession)
{
    const auto is_told = [&](const std::string& text, const std::string& damage) {
        put(cache, text);
        EXPECT_EQ(failure_of(me()), "The AWS profile 'me' has a damaged login session in " +
                                        path(cache).string() + ": " + damage +
                                        " | Run `aws login --profile me`.");
    };
    is_told("{}", "it has no credentials");
    is_told(R"({"accessToken":{"accessKeyId":"A"}})",
            "accessKeyId or secretAccessKey is missing in its accessToken");
    is_told(R"({"accessToken":{"accessKeyId":"A","secretAccessKey":"s","expiresAt":"soon"}})",
            "expiresAt in its accessToken is not a time");
    const std::string expired = R"("accessToken":{"accessKeyId":"A","secretAccessKey":"s",)"
                                R"("expiresAt":"2023-01-01T00:00:00Z"})";
    for (const std::string key : {R"(,"dpopKey":"none")", ""})
        is_told("{" + expired + key + "}", "its dpopKey is no private key of the curve P-256");
}

TEST_F(Login, IsReadFromTheDirectoryThatAVariableNames)
{
    signed_in(15min, "elsewhere/" + crypto::sha256_hex(session) + ".json");
    EXPECT_EQ(source({{"AWS_LOGIN_CACHE_DIRECTORY", "~/elsewhere"}, {"AWS_PROFILE", "me"}})()
                  .keys.access_key_id,
              "ASIAOLD");
}

} // namespace
} // namespace nimbus::aws
