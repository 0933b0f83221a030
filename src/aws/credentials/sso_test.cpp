#include "aws/credentials/test_home.h"
#include "aws/test_server.h"
#include "base/json.h"

#include <sys/stat.h>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;
using testing_home::test_time;
using testing_server::ScriptedServer;

const http::Response role_answer{
    .status = 200, .body = R"({"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s",
                               "sessionToken":"t","expiration":2000000000000}})"};

/// sha1("corp") and sha1("https://corp.awsapps.com/start"), as sha1sum has them.
constexpr const char* session_cache =
    ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
constexpr const char* start_url_cache =
    ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";

class Sso : public testing_home::Home {
protected:
    void SetUp() override
    {
        config("[profile dev]\n"
               "sso_session = corp\n"
               "sso_account_id = 123456789012\n"
               "sso_role_name = Developer\n"
               "[sso-session corp]\n"
               "sso_start_url = https://corp.awsapps.com/start\n"
               "sso_region = eu-west-1\n"
               "[profile legacy]\n"
               "sso_start_url = https://corp.awsapps.com/start\n"
               "sso_region = eu-west-1\n"
               "sso_account_id = 123456789012\n"
               "sso_role_name = Developer\n");
    }

    /// What `aws sso login` leaves, good for `time_left`.
    void signed_in(const char* file, std::chrono::seconds time_left) const
    {
        put(file, compact_json(json::object{
                      {"startUrl", "https://corp.awsapps.com/start"},
                      {"region", "eu-west-1"},
                      {"accessToken", "access-1"},
                      {"expiresAt", format_iso8601_seconds(test_time + time_left)},
                      {"clientId", "client"},
                      {"clientSecret", "client-secret"},
                      {"registrationExpiresAt", format_iso8601_seconds(test_time + 24h)},
                      {"refreshToken", "refresh-1"},
                      {"scopes", json::array{"sso:account:access"}}}));
    }

    CredentialSource dev(const std::string& endpoint = {}) const
    {
        return source({}, endpoint, "dev");
    }
};

TEST_F(Sso, GivesTheRolesCredentialsForTheTokenOfASession)
{
    ScriptedServer portal({role_answer});
    signed_in(session_cache, 8h);
    const auto found = dev(portal.origin())();
    EXPECT_EQ(found.keys.access_key_id, "ASIASSO");
    EXPECT_EQ(found.keys.session_token, "t");
    EXPECT_EQ(found.expires, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(found.origin, "profile 'dev', SSO session 'corp'");
    const auto request = portal.requests().at(0);
    EXPECT_EQ(request.target,
              "/federation/credentials?role_name=Developer&account_id=123456789012");
    EXPECT_EQ(request.headers.get("x-amz-sso_bearer_token"), "access-1");
    EXPECT_FALSE(request.headers.contains("Authorization"));
}

TEST_F(Sso, SendsNoTokenWithALineEnd)
{
    put(session_cache,
        compact_json(json::object{{"accessToken", "access-1\r\nX-Evil: 1"},
                                  {"expiresAt", format_iso8601_seconds(test_time + 8h)}}));
    EXPECT_EQ(failure_of(dev()),
              "The AWS profile 'dev' has a damaged token in " + path(session_cache).string() +
                  " for SSO session 'corp' | Run `aws sso login --profile dev`.");
}

TEST_F(Sso, ReadsTheTokenOfTheOlderFormByItsStartUrl)
{
    ScriptedServer portal({role_answer});
    signed_in(start_url_cache, 8h);
    const auto found = source({}, portal.origin(), "legacy")();
    EXPECT_EQ(found.keys.access_key_id, "ASIASSO");
    EXPECT_EQ(found.origin, "profile 'legacy', SSO start URL https://corp.awsapps.com/start");
}

TEST_F(Sso, RenewsATokenThatEndsSoonAndKeepsIt)
{
    ScriptedServer aws({{.status = 200, .body = R"({"accessToken":"access-2","expiresIn":28800,
                                     "refreshToken":"refresh-2"})"},
                        role_answer});
    signed_in(session_cache, 14min);
    dev(aws.origin())();
    const auto requests = aws.requests();
    EXPECT_EQ(requests.at(0).target, "/token");
    EXPECT_EQ(requests.at(0).body, R"({"clientId":"client","clientSecret":"client-secret",)"
                                   R"("grantType":"refresh_token","refreshToken":"refresh-1"})");
    EXPECT_EQ(requests.at(1).headers.get("x-amz-sso_bearer_token"), "access-2");

    const auto kept = parse_json(read(session_cache), "cache").as_object();
    EXPECT_EQ(kept.at("accessToken"), "access-2");
    EXPECT_EQ(kept.at("refreshToken"), "refresh-2");
    EXPECT_EQ(kept.at("expiresAt").as_string(), format_iso8601_seconds(test_time + 8h));
    EXPECT_TRUE(kept.contains("scopes")) << "what others wrote stays";
    struct stat status{};
    ASSERT_EQ(::stat(path(session_cache).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Sso, RenewsAnExpiredTokenOfASession)
{
    ScriptedServer aws(
        {{.status = 200, .body = R"({"accessToken":"access-2","expiresIn":28800})"}, role_answer});
    signed_in(session_cache, -1h);
    EXPECT_EQ(dev(aws.origin())().keys.access_key_id, "ASIASSO");
    EXPECT_EQ(parse_json(read(session_cache), "cache").as_object().at("refreshToken"), "refresh-1")
        << "no new one came";
}

TEST_F(Sso, UsesATokenThatCannotBeRenewedToItsEnd)
{
    const http::Response refused{.status = 400,
                                 .headers = {{"x-amzn-ErrorType", "InvalidGrantException"}},
                                 .body = R"({"error":"invalid_grant"})"};
    ScriptedServer aws({refused, role_answer, refused});
    signed_in(session_cache, 14min);
    EXPECT_EQ(dev(aws.origin())().keys.access_key_id, "ASIASSO");
    now += 15min;
    EXPECT_EQ(failure_of(dev(aws.origin())),
              "The AWS profile 'dev' has an expired sign-in to SSO session 'corp' | Run `aws sso "
              "login --profile dev`.");
}

TEST_F(Sso, SaysHowToSignIn)
{
    EXPECT_EQ(failure_of(dev()), "The AWS profile 'dev' is not signed in to SSO session 'corp' | "
                                 "Run `aws sso login --profile dev`.");
    put(session_cache, "damaged");
    EXPECT_NE(failure_of(dev()).find("is not signed in"), std::string::npos);
    put(session_cache, R"({"accessToken":"a","expiresAt":"soon"})");
    EXPECT_NE(failure_of(dev()).find("is not signed in"), std::string::npos);
    signed_in(start_url_cache, -1s);
    EXPECT_EQ(failure_of(source({}, {}, "legacy")),
              "The AWS profile 'legacy' has an expired sign-in to SSO start URL "
              "https://corp.awsapps.com/start | Run `aws sso login --profile legacy`.");
}

TEST_F(Sso, SaysHowToSignInWhenThePortalRefusesTheToken)
{
    ScriptedServer portal({{.status = 401,
                            .headers = {{"x-amzn-ErrorType", "UnauthorizedException"}},
                            .body = R"({"message":"Session token not found or invalid"})"}});
    signed_in(session_cache, 8h);
    EXPECT_EQ(failure_of(dev(portal.origin())),
              "The AWS profile 'dev' has an expired sign-in to SSO session 'corp' | Run `aws sso "
              "login --profile dev`.");
}

TEST_F(Sso, NamesTheRoleThatIsNotGiven)
{
    ScriptedServer portal({{.status = 403,
                            .headers = {{"x-amzn-ErrorType", "ForbiddenException"}},
                            .body = R"({"message":"No access"})"}});
    signed_in(session_cache, 8h);
    EXPECT_EQ(failure_of(dev(portal.origin())),
              "IAM Identity Center gives the AWS profile 'dev' no role 'Developer' in account "
              "123456789012 | Check sso_role_name and sso_account_id of the profile, or ask for "
              "the role.");
}

TEST_F(Sso, NamesWhatTheProfileLacks)
{
    config("[profile a]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
           "[profile b]\nsso_start_url = https://x\nsso_account_id = 1\n"
           "[profile c]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
           "sso_region = eu-west-1\n"
           "[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n");
    EXPECT_NE(failure_of(source({}, {}, "a"))
                  .find("names the SSO session 'corp', which is not in " + home()),
              std::string::npos);
    EXPECT_NE(failure_of(source({}, {}, "b")).find("has no sso_region and no sso_role_name"),
              std::string::npos);
    EXPECT_NE(failure_of(source({}, {}, "c")).find("disagree about sso_region"), std::string::npos);
}

} // namespace
} // namespace nimbus::aws
