#include "aws/credentials/container.h"
#include "aws/credentials/test_home.h"
#include "aws/test_server.h"

namespace nimbus::aws {
namespace {

using testing_server::ScriptedServer;

const http::Response answer{.status = 200,
                            .body = R"({"AccessKeyId":"ASIATASK","SecretAccessKey":"s","Token":"t",
                "Expiration":"2033-05-18T03:33:20Z","RoleArn":"arn:aws:iam::1:role/task"})"};

class Container : public testing_home::Home {
protected:
    static testing_home::Variables full_uri(const ScriptedServer& server)
    {
        return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.origin() + "/v1/credentials?id=7"}};
    }
};

TEST_F(Container, GivesThoseThatAUriNames)
{
    ScriptedServer agent({answer});
    const auto found = source(full_uri(agent))();
    EXPECT_EQ(found.keys.access_key_id, "ASIATASK");
    EXPECT_EQ(found.keys.session_token, "t");
    EXPECT_EQ(found.expires, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(found.origin, "container (AWS_CONTAINER_CREDENTIALS_FULL_URI)");
    const auto request = agent.requests().at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/v1/credentials?id=7");
    EXPECT_FALSE(request.headers.contains("Authorization"));
}

TEST_F(Container, SendsTheAuthorizationToken)
{
    ScriptedServer agent({answer, answer});
    auto variables = full_uri(agent);
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic abc";
    source(variables)();
    put("token", "from-the-file\n");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = path("token");
    source(variables)();
    EXPECT_EQ(agent.requests().at(0).headers.get("Authorization"), "Basic abc");
    EXPECT_EQ(agent.requests().at(1).headers.get("Authorization"), "from-the-file")
        << "the file goes before the variable";
}

TEST_F(Container, ReadsTheFileOfTheTokenEachTime)
{
    const http::Response short_lived{
        .status = 200, .body = R"({"AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t",
                    "Expiration":"2023-11-14T22:20:00Z"})"};
    ScriptedServer agent({short_lived, answer});
    auto variables = full_uri(agent);
    put("token", "one");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = path("token");
    const auto credentials = source(variables);
    credentials();
    put("token", "two");
    now += std::chrono::minutes(10);
    EXPECT_EQ(credentials().keys.access_key_id, "ASIATASK");
    EXPECT_EQ(agent.requests().at(1).headers.get("Authorization"), "two");
}

TEST_F(Container, RefusesATokenThatIsNoHeader)
{
    ScriptedServer agent({answer});
    auto variables = full_uri(agent);
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nHost: evil.example";
    EXPECT_NE(failure_of(source(variables)).find("holds a line end"), std::string::npos);
    EXPECT_TRUE(agent.requests().empty());
}

TEST(ContainerUri, IsThatOfTlsOrOfNobodyElse)
{
    for (const char* uri :
         {"https://anywhere.example/x", "http://127.0.0.1/x", "http://127.0.0.2:80/x",
          "http://localhost:1234/x", "http://[::1]:8080/x", "http://169.254.170.2/v2/credentials",
          "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"})
        EXPECT_TRUE(is_allowed_container_uri(uri)) << uri;
    for (const char* uri :
         {"http://anywhere.example/x", "http://169.254.169.254/x",
          "http://127.0.0.1@evil.example/x", "http://127.0.0.1.evil.example/x",
          "http://127.evil.example/x", "http://127.1/x", "http://localhost.evil.example/",
          "ftp://127.0.0.1/x", "127.0.0.1/x", "", "http://", "https://", "http:///x",
          "http://[::2]/x", "http://169.254.170.20/x", "http://169.254.170.2.evil.example/x"})
        EXPECT_FALSE(is_allowed_container_uri(uri)) << uri;
}

TEST_F(Container, SaysWhereKeysAreNotFetchedFrom)
{
    EXPECT_EQ(failure_of(source({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/"}})),
              "Credentials are not fetched from http://evil.example/: it is neither https nor this "
              "machine nor a service of ECS or EKS | Check AWS_CONTAINER_CREDENTIALS_FULL_URI.");
    EXPECT_NE(failure_of(source({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/"}}))
                  .find("Check AWS_CONTAINER_CREDENTIALS_RELATIVE_URI."),
              std::string::npos);
}

TEST_F(Container, SaysWhatTheServiceAnswered)
{
    ScriptedServer agent({{.status = 403, .body = R"({"message":"no"})"},
                          {.status = 200, .body = "no JSON"},
                          {.status = 200, .body = "{}"}});
    EXPECT_NE(failure_of(source(full_uri(agent))).find("refused with HTTP status 403"),
              std::string::npos);
    EXPECT_NE(failure_of(source(full_uri(agent))).find("is not valid JSON"), std::string::npos);
    EXPECT_NE(failure_of(source(full_uri(agent)))
                  .find("AccessKeyId or SecretAccessKey is missing in the answer of the "
                        "container's credentials service"),
              std::string::npos);
}

TEST_F(Container, AsksAgainWhenNobodyAnswers)
{
    ScriptedServer agent({{.status = 0}, {.status = 0}, answer});
    EXPECT_EQ(source(full_uri(agent))().keys.access_key_id, "ASIATASK");
    ScriptedServer silent({{.status = 0}, {.status = 0}, {.status = 0}});
    EXPECT_NE(failure_of(source(full_uri(silent)))
                  .find("The container's credentials cannot be fetched from " + silent.origin()),
              std::string::npos);
}

TEST_F(Container, AssumesTheRoleOfAProfile)
{
    ScriptedServer agent({answer});
    config("[profile r]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = EcsContainer\n");
    EXPECT_EQ(failure_of(source({}, {}, "r")),
              "The AWS profile 'r' takes its credentials from EcsContainer, but "
              "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set | Check "
              "credential_source of the profile.");
}

} // namespace
} // namespace nimbus::aws
