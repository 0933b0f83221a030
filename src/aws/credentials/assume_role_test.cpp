#include "aws/credentials/test_home.h"
#include "aws/credentials/test_sts.h"
#include "aws/test_server.h"
#include "base/json.h"
#include "crypto/digest.h"

#include <sys/stat.h>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;
using testing_server::ScriptedServer;
using testing_sts::role_answer;

/// A role whose trust policy wants MFA.
class MfaRole : public testing_home::Home {
protected:
    void SetUp() override
    {
        config("[profile admin]\n"
               "role_arn = arn:aws:iam::1:role/admin\n"
               "source_profile = base\n"
               "mfa_serial = arn:aws:iam::1:mfa/me\n");
        credentials("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n");
        ask_mfa_code = [this](const std::string& serial) -> std::optional<std::string> {
            asked.push_back(serial);
            return typed;
        };
    }

    CredentialSource admin(const std::string& endpoint = {}) const
    {
        return source({{"AWS_PROFILE", "admin"}}, endpoint);
    }

    /// As Python writes the arguments of the call, whose digest names the file.
    const std::string cache = ".aws/cli/cache/" +
                              crypto::sha1_hex(R"({"RoleArn": "arn:aws:iam::1:role/admin", )"
                                               R"("SerialNumber": "arn:aws:iam::1:mfa/me"})") +
                              ".json";
    std::vector<std::string> asked;
    std::optional<std::string> typed = "123456";
};

TEST_F(MfaRole, AsksForACodeAndSendsIt)
{
    ScriptedServer sts({role_answer("AssumeRole", "ASIAMFA")});
    const auto found = admin(sts.origin())();
    EXPECT_EQ(found.keys.access_key_id, "ASIAMFA");
    EXPECT_EQ(found.origin,
              "profile 'admin', role arn:aws:iam::1:role/admin assumed by profile 'base'");
    EXPECT_EQ(asked, std::vector<std::string>{"arn:aws:iam::1:mfa/me"});
    EXPECT_TRUE(sts.requests().at(0).body.ends_with(
        "&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme&TokenCode=123456"));
}

TEST_F(MfaRole, KeepsTheSessionWhereTheAwsCliDoes)
{
    ScriptedServer sts({role_answer("AssumeRole", "ASIAMFA")});
    admin(sts.origin())();
    const auto again = admin(sts.origin())();
    EXPECT_EQ(again.keys.access_key_id, "ASIAMFA");
    EXPECT_EQ(again.keys.secret_access_key, "role-secret");
    EXPECT_EQ(again.expires, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(asked.size(), 1U);
    EXPECT_EQ(sts.requests().size(), 1U);
    struct stat status{};
    ASSERT_EQ(::stat(path(cache).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(MfaRole, UsesASessionOfTheAwsClis)
{
    put(cache, R"({"Credentials": {"AccessKeyId": "ASIACLI", "SecretAccessKey": "s",
                   "SessionToken": "t", "Expiration": "2033-05-18T03:33:20UTC"},
                   "AssumedRoleUser": {}, "ResponseMetadata": {"HTTPStatusCode": 200}})");
    EXPECT_EQ(admin()().keys.access_key_id, "ASIACLI");
    EXPECT_TRUE(asked.empty());
}

TEST_F(MfaRole, AsksAgainForASessionThatEndsSoonOrIsDamaged)
{
    for (const std::string kept : {R"({"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s",
              "Expiration": "2023-11-14T22:28:19Z"}})",
                                   R"({"Credentials": {"AccessKeyId": "A"}})", "{}", "damaged"}) {
        ScriptedServer sts({role_answer("AssumeRole", "ASIAMFA")});
        put(cache, kept);
        EXPECT_EQ(admin(sts.origin())().keys.access_key_id, "ASIAMFA") << kept;
    }
}

TEST_F(MfaRole, IsNotAskedForInTheMiddleOfACommand)
{
    ScriptedServer sts({role_answer("AssumeRole", "ASIAMFA", "2023-11-14T23:13:20Z")});
    const auto credentials = admin(sts.origin());
    credentials();
    now += 58min;
    EXPECT_EQ(credentials().keys.access_key_id, "ASIAMFA") << "good for two more minutes";
    now += 2min;
    EXPECT_EQ(failure_of(credentials),
              "The MFA session of the AWS profile 'admin' has ended | Run the command again: it "
              "asks for a new code and continues from here.");
    EXPECT_EQ(asked.size(), 1U);
}

TEST_F(MfaRole, IsNotAskedForOnceTheCommandHasBegun)
{
    const auto mfa = std::make_shared<MfaPrompt>(ask_mfa_code);
    mfa->close();
    const auto credentials =
        credential_chain(std::make_shared<http::Client>(),
                         {.environment = environment({{"AWS_PROFILE", "admin"}}), .mfa = mfa});
    EXPECT_NE(failure_of(credentials).find("The MFA session of the AWS profile 'admin' has ended"),
              std::string::npos);
    EXPECT_TRUE(asked.empty());
}

TEST_F(MfaRole, NamesTheWayOutWhenNobodyIsThere)
{
    ask_mfa_code = {};
    EXPECT_EQ(failure_of(admin()),
              "The role of the AWS profile 'admin' wants a code of the MFA device "
              "arn:aws:iam::1:mfa/me, and no person is there to type it | Run `AWS_PROFILE=admin "
              "nimbus whoami --aws` on a terminal first: the session that it starts is kept in "
              "~/.aws/cli/cache. Machines need credentials without MFA.");
}

TEST_F(MfaRole, RefusesWhatIsNoCode)
{
    typed = "12345a";
    EXPECT_EQ(failure_of(admin()),
              "'12345a' is not an MFA code | A code has 6 digits; run this again.");
    typed.reset();
    EXPECT_EQ(failure_of(admin()), "No MFA code was given | A code has 6 digits; run this again.");
}

TEST_F(MfaRole, HasAFileForEachCall)
{
    config("[profile admin]\n"
           "role_arn = arn:aws:iam::1:role/admin\n"
           "source_profile = base\n"
           "mfa_serial = arn:aws:iam::1:mfa/me\n"
           "external_id = e\n"
           "duration_seconds = 900\n"
           "role_session_name = me\n");
    ScriptedServer sts({role_answer("AssumeRole", "ASIAMFA")});
    admin(sts.origin())();
    EXPECT_TRUE(std::filesystem::exists(
        path(".aws/cli/cache/" +
             crypto::sha1_hex(R"({"DurationSeconds": 900, "ExternalId": "e", )"
                              R"("RoleArn": "arn:aws:iam::1:role/admin", "RoleSessionName": "me", )"
                              R"("SerialNumber": "arn:aws:iam::1:mfa/me"})") +
             ".json")));
}

TEST_F(MfaRole, KeepsNothingOfRolesWithoutMfa)
{
    config("[profile admin]\nrole_arn = arn:aws:iam::1:role/admin\nsource_profile = base\n");
    ScriptedServer sts({role_answer("AssumeRole", "ASIAROLE")});
    admin(sts.origin())();
    EXPECT_FALSE(std::filesystem::exists(path(".aws/cli")));
}

class Partitions : public testing_home::Home {};

TEST_F(Partitions, FollowTheRoleWhereNoRegionIsSet)
{
    credentials("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n");
    for (const auto& [partition, region] : std::map<std::string, std::string>{
             {"aws", "us-east-1"}, {"aws-cn", "cn-north-1"}, {"aws-us-gov", "us-gov-west-1"}}) {
        config("[default]\nrole_arn = arn:" + partition +
               ":iam::1:role/r\nsource_profile = base\n");
        ScriptedServer sts({role_answer("AssumeRole", "ASIAROLE")});
        credential_chain(std::make_shared<http::Client>(),
                         {.environment = environment({{"AWS_ENDPOINT_URL", sts.origin()}})})();
        EXPECT_NE(sts.requests().at(0).headers.get("Authorization").find("/" + region + "/sts/"),
                  std::string_view::npos)
            << region;
    }
}

} // namespace
} // namespace nimbus::aws
