#include "aws/credentials/test_home.h"
#include "aws/credentials/test_sts.h"
#include "aws/test_server.h"

namespace nimbus::aws {
namespace {

using testing_server::ScriptedServer;

const http::Response token{.status = 200, .body = "token-1"};
const http::Response roles{.status = 200, .body = "web-server"};
const http::Response answer{
    .status = 200,
    .body = R"({"Code":"Success","LastUpdated":"2023-11-14T22:00:00Z","Type":"AWS-HMAC",
                "AccessKeyId":"ASIAEC2","SecretAccessKey":"s","Token":"t",
                "Expiration":"2033-05-18T03:33:20Z"})"};

class InstanceMetadata : public testing_home::Home {
protected:
    static testing_home::Variables at(const ScriptedServer& server)
    {
        return {{"AWS_EC2_METADATA_DISABLED", "false"},
                {"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.origin() + "/"}};
    }
};

TEST_F(InstanceMetadata, GivesTheRolesCredentialsForASessionToken)
{
    ScriptedServer service({token, roles, answer});
    const auto found = source(at(service))();
    EXPECT_EQ(found.keys.access_key_id, "ASIAEC2");
    EXPECT_EQ(found.keys.session_token, "t");
    EXPECT_EQ(found.expires, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(found.origin, "instance metadata, role 'web-server'");
    const auto requests = service.requests();
    EXPECT_EQ(requests.at(0).method, "PUT");
    EXPECT_EQ(requests.at(0).target, "/latest/api/token");
    EXPECT_EQ(requests.at(0).headers.get("X-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(requests.at(1).target, "/latest/meta-data/iam/security-credentials/");
    EXPECT_EQ(requests.at(1).headers.get("X-aws-ec2-metadata-token"), "token-1");
    EXPECT_EQ(requests.at(2).target, "/latest/meta-data/iam/security-credentials/web-server");
    EXPECT_EQ(requests.at(2).headers.get("X-aws-ec2-metadata-token"), "token-1");
}

TEST_F(InstanceMetadata, IsNeverAskedWithoutAToken)
{
    for (const int status : {403, 404, 405, 500}) {
        ScriptedServer service({{.status = status, .body = "no"}, roles, answer});
        EXPECT_NE(failure_of(source(at(service)))
                      .find("the instance metadata service refused its token with HTTP status " +
                            std::to_string(status)),
                  std::string::npos);
        EXPECT_EQ(service.requests().size(), 1U) << "version 1 of the service is not used";
    }
}

TEST_F(InstanceMetadata, IsAskedOnceUnlessAVariableSaysOtherwise)
{
    ScriptedServer silent({http::Response{.status = 0}});
    EXPECT_NE(failure_of(source(at(silent)))
                  .find("the instance metadata service did not answer at " + silent.origin()),
              std::string::npos);
    EXPECT_EQ(silent.requests().size(), 1U);
    ScriptedServer slow({{.status = 0}, token, roles, answer});
    auto variables = at(slow);
    variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "2";
    EXPECT_EQ(source(variables)().keys.access_key_id, "ASIAEC2");
}

TEST_F(InstanceMetadata, SaysWhyThereAreNoCredentials)
{
    ScriptedServer without_role({token, {.status = 404, .body = "not found"}});
    EXPECT_NE(failure_of(source(at(without_role)))
                  .find("refused the name of the instance's role with HTTP status 404"),
              std::string::npos);
    ScriptedServer untrusted(
        {token, roles, {.status = 200, .body = R"({"Code":"AssumeRoleUnauthorizedAccess"})"}});
    EXPECT_NE(failure_of(source(at(untrusted)))
                  .find("has no credentials for role 'web-server': AssumeRoleUnauthorizedAccess"),
              std::string::npos);
    ScriptedServer broken({token, roles, {.status = 200, .body = "<html>"}});
    EXPECT_NE(failure_of(source(at(broken))).find("is not valid JSON"), std::string::npos);
}

TEST_F(InstanceMetadata, IsLeftAloneWhenItIsDisabled)
{
    ScriptedServer service({token, roles, answer});
    auto variables = at(service);
    variables["AWS_EC2_METADATA_DISABLED"] = "True";
    EXPECT_NE(failure_of(source(variables)).find("AWS_EC2_METADATA_DISABLED is true"),
              std::string::npos);
    EXPECT_TRUE(service.requests().empty());
}

TEST_F(InstanceMetadata, RefusesSettingsThatAreNone)
{
    struct Row {
        const char* variable;
        const char* value;
    };
    const Row rows[] = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254"},
                        {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"},
                        {"AWS_METADATA_SERVICE_TIMEOUT", "0"},
                        {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "many"}};
    for (const auto& row : rows)
        EXPECT_NE(
            failure_of(source({{"AWS_EC2_METADATA_DISABLED", "false"}, {row.variable, row.value}}))
                .find(row.variable + std::string(" must be ")),
            std::string::npos)
            << row.variable;
}

TEST_F(InstanceMetadata, AssumesTheRoleOfAProfile)
{
    ScriptedServer service({token, roles, answer});
    ScriptedServer sts({testing_sts::role_answer("AssumeRole", "ASIAROLE")});
    config("[profile r]\n"
           "role_arn = arn:aws:iam::1:role/r\n"
           "credential_source = Ec2InstanceMetadata\n"
           "ec2_metadata_service_endpoint = " +
           service.origin() + "\n");
    const auto found = source({{"AWS_EC2_METADATA_DISABLED", "false"}}, sts.origin(), "r")();
    EXPECT_EQ(found.keys.access_key_id, "ASIAROLE");
    EXPECT_EQ(found.origin,
              "profile 'r', role arn:aws:iam::1:role/r assumed by Ec2InstanceMetadata");
    EXPECT_NE(sts.requests().at(0).headers.get("Authorization").find("ASIAEC2/"),
              std::string_view::npos);
    EXPECT_EQ(failure_of(source({}, {}, "r")),
              "The AWS profile 'r' takes its credentials from Ec2InstanceMetadata, but "
              "AWS_EC2_METADATA_DISABLED is true | Check credential_source of the profile.");
}

} // namespace
} // namespace nimbus::aws
