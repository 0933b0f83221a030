#include "aws/credential_chain.h"
#include "aws/test_server.h"
#include "base/error.h"
#include "base/file.h"
#include "http/client.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

using testing_server::ScriptedServer;

const http::Response role_answer{
    .status = 200, .body = R"(<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:s</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/deployer/s</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAROLE</AccessKeyId>
      <SecretAccessKey>role-secret</SecretAccessKey>
      <SessionToken>role-token</SessionToken>
      <Expiration>2033-05-18T03:33:20Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>)"};

/// A home directory with AWS's two files.
class Chain : public testing::Test {
protected:
    void config(const std::string& text) { put("config", text); }
    void credentials(const std::string& text) { put("credentials", text); }

    Credentials get(std::map<std::string, std::string> variables = {},
                    const std::string& profile = {}, const std::string& endpoint = {})
    {
        return credential_chain(std::make_shared<http::Client>(),
                                {.profile = profile,
                                 .environment = environment(std::move(variables)),
                                 .region = "us-east-1",
                                 .endpoints = {.all = endpoint}})();
    }

    /// The message and the hint.
    std::string failure(std::map<std::string, std::string> variables = {},
                        const std::string& profile = {})
    {
        try {
            get(std::move(variables), profile);
        } catch (const Error& error) {
            return std::string(error.what()) + " | " + error.hint();
        }
        return "no failure";
    }

    Environment environment(std::map<std::string, std::string> variables) const
    {
        variables.emplace("HOME", home_.path());
        return fixed_environment(std::move(variables));
    }

    std::string home() const { return home_.path(); }

private:
    void put(const std::string& name, const std::string& text)
    {
        make_directories(home_.path() / ".aws", 0700);
        write_file(home_.path() / ".aws" / name, text, 0600);
    }

    TemporaryDirectory home_;
};

const std::map<std::string, std::string> env_keys{{"AWS_ACCESS_KEY_ID", "AKIAENV"},
                                                  {"AWS_SECRET_ACCESS_KEY", "env-secret"}};

std::map<std::string, std::string> with(std::map<std::string, std::string> base,
                                        const std::string& name, const std::string& value)
{
    base[name] = value;
    return base;
}

TEST_F(Chain, GoesByTheOrderOfAwssTools)
{
    credentials("[default]\n"
                "aws_access_key_id = AKIADEFAULT\n"
                "aws_secret_access_key = s\n"
                "[work]\n"
                "aws_access_key_id = AKIAWORK\n"
                "aws_secret_access_key = s\n"
                "aws_session_token = t\n");
    config("[profile only-in-config]\n"
           "aws_access_key_id = AKIACONFIG\n"
           "aws_secret_access_key = s\n"
           "[profile \"work\"]\n"
           "aws_access_key_id = AKIASHADOWED\n"
           "aws_secret_access_key = s\n");
    struct Row {
        const char* what;
        std::map<std::string, std::string> variables;
        const char* profile;
        const char* key;
    };
    const Row rows[] = {
        {"nothing is said", {}, "", "AKIADEFAULT"},
        {"keys in the environment", env_keys, "", "AKIAENV"},
        {"AWS_PROFILE", {{"AWS_PROFILE", "work"}}, "", "AKIAWORK"},
        {"keys go before AWS_PROFILE", with(env_keys, "AWS_PROFILE", "work"), "", "AKIAENV"},
        {"a profile that was asked for goes before keys", env_keys, "work", "AKIAWORK"},
        {"… and before AWS_PROFILE", {{"AWS_PROFILE", "default"}}, "work", "AKIAWORK"},
        {"keys in the config file", {}, "only-in-config", "AKIACONFIG"},
        {"empty variables count as not set", {{"AWS_ACCESS_KEY_ID", ""}}, "", "AKIADEFAULT"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(get(row.variables, row.profile).keys.access_key_id, row.key) << row.what;
    EXPECT_EQ(get({}, "work").keys.session_token, "t");
}

TEST_F(Chain, TakesTheSessionTokenOfTheEnvironment)
{
    EXPECT_EQ(get(with(env_keys, "AWS_SESSION_TOKEN", "token")).keys.session_token, "token");
}

TEST_F(Chain, ReadsTheFilesThatVariablesName)
{
    write_file(home() + "/elsewhere", "[default]\naws_access_key_id=A\naws_secret_access_key=b\n");
    EXPECT_EQ(get({{"AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere"}}).keys.access_key_id, "A");
}

TEST_F(Chain, ReadsNothingBeforeTheFirstUse)
{
    config("this is not a config file");
    const auto source =
        credential_chain(std::make_shared<http::Client>(), {.environment = environment({})});
    EXPECT_THROW(source(), Error);
}

TEST_F(Chain, AssumesARoleWithTheKeysOfAnotherProfile)
{
    ScriptedServer sts({role_answer});
    config("[profile deployer]\n"
           "role_arn = arn:aws:iam::123456789012:role/deployer\n"
           "source_profile = base\n"
           "role_session_name = me\n"
           "external_id = e-1\n"
           "duration_seconds = 900\n");
    credentials("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n");
    const auto role = get({}, "deployer", sts.origin());
    EXPECT_EQ(role.keys.access_key_id, "ASIAROLE");
    EXPECT_EQ(role.keys.secret_access_key, "role-secret");
    EXPECT_EQ(role.keys.session_token, "role-token");
    EXPECT_EQ(role.expires, from_unix_milliseconds(2'000'000'000'000));
    const auto request = sts.requests().at(0);
    EXPECT_EQ(request.body, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
                            "123456789012%3Arole%2Fdeployer&RoleSessionName=me&ExternalId=e-1&"
                            "DurationSeconds=900");
    EXPECT_NE(request.headers.get("Authorization").find("AKIABASE/"), std::string_view::npos);
}

TEST_F(Chain, AssumesARoleWithItsOwnKeysOrThoseOfTheEnvironment)
{
    ScriptedServer sts({role_answer, role_answer});
    config("[profile own]\n"
           "role_arn = arn:aws:iam::123456789012:role/a\n"
           "source_profile = own\n"
           "aws_access_key_id = AKIAOWN\n"
           "aws_secret_access_key = s\n"
           "[profile ci]\n"
           "role_arn = arn:aws:iam::123456789012:role/b\n"
           "credential_source = Environment\n");
    get({}, "own", sts.origin());
    get(env_keys, "ci", sts.origin());
    const auto requests = sts.requests();
    EXPECT_NE(requests.at(0).headers.get("Authorization").find("AKIAOWN/"), std::string_view::npos);
    EXPECT_NE(requests.at(1).headers.get("Authorization").find("AKIAENV/"), std::string_view::npos);
}

TEST_F(Chain, AssumesRolesOneAfterTheOther)
{
    ScriptedServer sts({role_answer, role_answer});
    config("[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
           "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = c\n"
           "[profile c]\naws_access_key_id = AKIAC\naws_secret_access_key = s\n");
    get({}, "a", sts.origin());
    const auto requests = sts.requests();
    EXPECT_NE(requests.at(0).headers.get("Authorization").find("AKIAC/"), std::string_view::npos);
    EXPECT_NE(requests.at(1).headers.get("Authorization").find("ASIAROLE/"),
              std::string_view::npos);
}

TEST_F(Chain, RunsTheCredentialProcess)
{
    write_file(home() + "/process.json", R"({"Version": 1, "AccessKeyId": "AKIAPROCESS",
        "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2033-05-18T03:33:20Z"})");
    config("[default]\ncredential_process = cat '" + home() + "/process.json'\n");
    const auto found = get();
    EXPECT_EQ(found.keys.access_key_id, "AKIAPROCESS");
    EXPECT_EQ(found.keys.session_token, "t");
    EXPECT_EQ(found.expires, from_unix_milliseconds(2'000'000'000'000));
}

TEST_F(Chain, ExplainsACredentialProcessThatFails)
{
    config("[default]\ncredential_process = echo 'not signed in' >&2; exit 3\n");
    EXPECT_EQ(failure(), "credential_process of the AWS profile 'default' failed with exit status "
                         "3: not signed in | Try the command by hand: echo 'not signed in' >&2; "
                         "exit 3");
    config("[default]\ncredential_process = echo '{\"Version\": 2}'\n");
    EXPECT_NE(failure().find("has no \"Version\": 1"), std::string::npos);
}

TEST_F(Chain, SaysWhatToDoWithoutCredentials)
{
    EXPECT_EQ(failure(),
              "No AWS credentials were found: AWS_ACCESS_KEY_ID is not set, and a profile "
              "'default' is neither in " +
                  home() + "/.aws/config nor in " + home() +
                  "/.aws/credentials | Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set "
                  "AWS_PROFILE, or run `aws configure`.");
    EXPECT_NE(failure({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}})
                  .find("aws configure export-credentials"),
              std::string::npos);
}

TEST_F(Chain, NamesTheProfilesThatThereAre)
{
    config("[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n");
    EXPECT_NE(failure({}, "wrok").find("The AWS profile 'wrok' is neither in "), std::string::npos);
    EXPECT_NE(failure({}, "wrok").find("There are: default, work."), std::string::npos);
}

TEST_F(Chain, NamesWhatItDoesNotReadOrWhatIsIncomplete)
{
    config("[profile sso]\nsso_session = s\nsso_account_id = 1\n"
           "[profile mfa]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = sso\n"
           "mfa_serial = arn\n"
           "[profile instance]\nrole_arn = arn:aws:iam::1:role/a\n"
           "credential_source = Ec2InstanceMetadata\n"
           "[profile ci]\nrole_arn = arn:aws:iam::1:role/a\ncredential_source = Environment\n"
           "[profile half]\naws_access_key_id = A\n"
           "[profile empty]\nregion = us-east-1\n"
           "[profile x]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = y\n"
           "[profile y]\nrole_arn = arn:aws:iam::1:role/y\nsource_profile = x\n");
    struct Row {
        const char* profile;
        const char* part;
    };
    const Row rows[] = {
        {"sso", "aws configure export-credentials --profile sso --format env"},
        {"mfa", "uses mfa_serial, which Nimbus does not read"},
        {"instance", "no credential_source that Nimbus knows"},
        {"ci", "but AWS_ACCESS_KEY_ID is not set"},
        {"half", "has only one of aws_access_key_id and aws_secret_access_key"},
        {"empty", "The AWS profile 'empty' has no credentials"},
        {"x", "The AWS profiles x, y are each other's source_profile"},
    };
    for (const auto& row : rows)
        EXPECT_NE(failure({}, row.profile).find(row.part), std::string::npos)
            << failure({}, row.profile);
}

TEST_F(Chain, RefusesHalfOfAKeyPairInTheEnvironment)
{
    EXPECT_NE(failure({{"AWS_ACCESS_KEY_ID", "A"}}).find("AWS_SECRET_ACCESS_KEY is not"),
              std::string::npos);
}

TEST_F(Chain, FindsTheRegion)
{
    EXPECT_EQ(find_region({}, environment({})), "");
    config("[default]\nregion = eu-west-1\n[profile work]\nregion = eu-central-1\n");
    EXPECT_EQ(find_region({}, environment({})), "eu-west-1");
    EXPECT_EQ(find_region({}, environment({{"AWS_PROFILE", "work"}})), "eu-central-1");
    EXPECT_EQ(find_region("work", environment({})), "eu-central-1");
    EXPECT_EQ(find_region("nobody", environment({})), "");
    EXPECT_EQ(find_region({}, environment({{"AWS_DEFAULT_REGION", "us-east-2"}})), "us-east-2");
    EXPECT_EQ(find_region({}, environment({{"AWS_DEFAULT_REGION", "us-east-2"},
                                           {"AWS_REGION", "us-west-2"}})),
              "us-west-2");
}

} // namespace
} // namespace nimbus::aws
