#include "aws/credentials/test_home.h"
#include "aws/credentials/test_sts.h"
#include "aws/test_server.h"

namespace nimbus::aws {
namespace {

using testing_home::Variables;
using testing_server::ScriptedServer;

const http::Response role_answer = testing_sts::role_answer("AssumeRole", "ASIAROLE");

class Chain : public testing_home::Home {
protected:
    Credentials get(Variables variables = {}, const std::string& profile = {},
                    const std::string& endpoint = {}) const
    {
        return source(std::move(variables), endpoint, profile)();
    }

    std::string failure(Variables variables = {}, const std::string& profile = {}) const
    {
        return failure_of(source(std::move(variables), {}, profile));
    }
};

const Variables env_keys{{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "env-secret"}};

Variables with(Variables base, const std::string& name, const std::string& value)
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
        Variables variables;
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

TEST_F(Chain, RefusesControlCharactersInVariablesAndNamesTheVariable)
{
    for (const std::string variable :
         {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
        for (const std::string value : {"a\r", "a\r\nX-Evil: 1", "a\tb", "\x7f"}) {
            auto variables = env_keys;
            variables[variable] = value;
            EXPECT_TRUE(failure_of(source(variables))
                            .starts_with("The variable " + variable +
                                         " holds a line end or another control character | "))
                << variable;
        }
}

TEST_F(Chain, ReadsTheFilesThatVariablesName)
{
    put("a b/elsewhere", "[default]\naws_access_key_id=B\naws_secret_access_key=b\n");
    for (const std::string file : {"$WHERE/elsewhere", "~/${DIRECTORY}/elsewhere"})
        EXPECT_EQ(get({{"AWS_SHARED_CREDENTIALS_FILE", file},
                       {"WHERE", path("a b").string()},
                       {"DIRECTORY", "a b"}})
                      .keys.access_key_id,
                  "B");
    put("$nowhere", "[default]\naws_access_key_id=C\naws_secret_access_key=b\n");
    EXPECT_EQ(get({{"AWS_SHARED_CREDENTIALS_FILE", "~/$nowhere"}}).keys.access_key_id, "C");
    put("elsewhere", "[default]\naws_access_key_id=A\naws_secret_access_key=b\n");
    EXPECT_EQ(get({{"AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere"}}).keys.access_key_id, "A");
}

TEST_F(Chain, ReadsNothingBeforeTheFirstUse)
{
    config("this is not a config file");
    const auto credentials = source();
    EXPECT_THROW(credentials(), Error);
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
    put("process.json", R"({"Version": 1, "AccessKeyId": "AKIAPROCESS",
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
    EXPECT_EQ(failure(), "The credential_process of the AWS profile 'default' in " + home() +
                             "/.aws/config failed with exit status 3: not signed in | Run its "
                             "command by hand.");
    credentials("[default]\ncredential_process = exit 4\n");
    EXPECT_NE(failure().find("'default' in " + home() + "/.aws/credentials failed with exit "),
              std::string::npos);
}

TEST_F(Chain, NamesAllPlacesWithoutCredentials)
{
    EXPECT_EQ(failure(),
              "No AWS credentials were found: AWS_ACCESS_KEY_ID is not set; a profile 'default' is "
              "neither in " +
                  home() + "/.aws/config nor in " + home() +
                  "/.aws/credentials; AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
                  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set; "
                  "AWS_EC2_METADATA_DISABLED is true | Run `aws login`, `aws configure sso` or "
                  "`aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
}

TEST_F(Chain, NamesOtherProfilesWhereTheDefaultHoldsOnlyARegion)
{
    config("[default]\nregion = us-east-1\n[profile work]\nsso_session = corp\n");
    const auto text = failure();
    EXPECT_NE(text.find("; the profile 'default' has none in " + home() + "/.aws/config or " +
                        home() + "/.aws/credentials; "),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("| Choose another profile with AWS_PROFILE (there are: work), or "
                               "run `aws login`, `aws configure sso` or `aws configure`."))
        << text;
}

TEST_F(Chain, NamesOnlyWhatItLookedAtForAProfileThatWasAskedFor)
{
    config("[profile work]\nregion = us-east-1\n");
    EXPECT_TRUE(failure(env_keys, "work")
                    .starts_with("No AWS credentials were found: the profile 'work' has none in "));
}

TEST_F(Chain, GoesOnToTheMachineWhenTheProfileHasNoCredentials)
{
    const http::Response of_container{
        .status = 200, .body = R"({"AccessKeyId":"ASIATASK","SecretAccessKey":"s","Token":"t"})"};
    ScriptedServer machine(
        {of_container,
         {.status = 200, .body = "token"},
         {.status = 200, .body = "role"},
         {.status = 200, .body = R"({"AccessKeyId":"ASIAEC2","SecretAccessKey":"s"})"}});
    config("[default]\nregion = us-east-1\n[profile work]\nregion = us-east-1\n");
    Variables variables{{"AWS_EC2_METADATA_DISABLED", "false"},
                        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", machine.origin()},
                        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", machine.origin()}};
    EXPECT_EQ(get(variables).keys.access_key_id, "ASIATASK");
    variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    variables["AWS_PROFILE"] = "work";
    EXPECT_EQ(get(variables).keys.access_key_id, "ASIAEC2");
}

TEST_F(Chain, HasTheOrderOfTheAwsCliWithinAProfile)
{
    ScriptedServer aws({role_answer});
    put("process.json", R"({"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"})");
    config("[profile p]\n"
           "aws_access_key_id = AKIACONFIG\n"
           "aws_secret_access_key = s\n"
           "credential_process = cat ~/process.json\n"
           "[profile role]\n"
           "role_arn = arn:aws:iam::1:role/r\n"
           "credential_source = Environment\n"
           "aws_access_key_id = AKIACONFIG\n"
           "aws_secret_access_key = s\n"
           "[profile outer]\n"
           "role_arn = arn:aws:iam::1:role/outer\n"
           "source_profile = role\n");
    config(read(".aws/config").replace(read(".aws/config").find("~/"), 1, home()));
    EXPECT_EQ(get({}, "p").keys.access_key_id, "AKIAPROCESS") << "before keys in the config file";
    credentials("[p]\naws_access_key_id = AKIACREDENTIALS\naws_secret_access_key = s\n");
    EXPECT_EQ(get({}, "p").keys.access_key_id, "AKIACREDENTIALS")
        << "keys in the credentials file come first";
    EXPECT_NE(failure({}, "role").find("AWS_ACCESS_KEY_ID is not set"), std::string::npos)
        << "a role goes before keys";
    get({}, "outer", aws.origin());
    EXPECT_NE(aws.requests().at(0).headers.get("Authorization").find("AKIACONFIG/"),
              std::string_view::npos)
        << "keys of a source_profile go before its role";
}

TEST_F(Chain, TakesOlderNamesOfVariables)
{
    EXPECT_EQ(get(with(env_keys, "AWS_SECURITY_TOKEN", "old")).keys.session_token, "old");
    credentials("[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n"
                "aws_security_token = old\n");
    EXPECT_EQ(get({{"AWS_DEFAULT_PROFILE", "work"}}).keys.session_token, "old");
}

TEST_F(Chain, KnowsWhenKeysOfTheEnvironmentExpire)
{
    EXPECT_EQ(get(with(env_keys, "AWS_CREDENTIAL_EXPIRATION", "2033-05-18T03:33:20+00:00")).expires,
              from_unix_milliseconds(2'000'000'000'000));
}

TEST_F(Chain, SaysWhereTheyComeFrom)
{
    credentials("[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n");
    EXPECT_EQ(get(env_keys).origin, "environment (AWS_ACCESS_KEY_ID)");
    EXPECT_EQ(get({}, "work").origin, "profile 'work'");
}

TEST_F(Chain, NamesTheProfilesThatThereAre)
{
    config("[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n");
    EXPECT_NE(failure({}, "wrok").find("The AWS profile 'wrok' is neither in "), std::string::npos);
    EXPECT_NE(failure({}, "wrok").find("There are: default, work."), std::string::npos);
    EXPECT_NE(failure({{"AWS_PROFILE", "wrok"}}).find("The AWS profile 'wrok' is neither in "),
              std::string::npos);
}

TEST_F(Chain, NamesWhatIsIncomplete)
{
    const std::string role = "role_arn = arn:aws:iam::1:role/a\n";
    config("[profile lambda]\n" + role + "credential_source = Lambda\n" + "[profile both]\n" +
           role + "credential_source = Environment\nsource_profile = half\n" +
           "[profile neither]\n" + role + "[profile ci]\n" + role +
           "credential_source = Environment\n" + "[profile half]\naws_access_key_id = A\n" +
           "[profile empty]\nregion = us-east-1\n" + "[profile hollow]\n" + role +
           "source_profile = empty\n" + "[profile lost]\n" + role + "source_profile = nowhere\n" +
           "[profile x]\n" + role + "source_profile = y\n" + "[profile y]\n" + role +
           "source_profile = x\n" + "[profile self]\n" + role + "source_profile = self\n");
    struct Row {
        const char* profile;
        const char* part;
    };
    const Row rows[] = {
        {"lambda", "takes its credentials from Lambda, but there is no such source"},
        {"both", "has both source_profile and credential_source"},
        {"neither", "has neither source_profile nor credential_source"},
        {"ci", "takes its credentials from Environment, but AWS_ACCESS_KEY_ID is not set"},
        {"half", "has only one of aws_access_key_id and aws_secret_access_key"},
        {"empty", "the profile 'empty' has none in "},
        {"hollow", "The AWS profile 'empty' has no credentials, and 'hollow' names it"},
        {"lost", "The AWS profile 'lost' has the source_profile 'nowhere', which is neither in"},
        {"x", "The AWS profiles x, y are each other's source_profile"},
        {"self", "The AWS profiles self are each other's source_profile"},
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

} // namespace
} // namespace nimbus::aws
