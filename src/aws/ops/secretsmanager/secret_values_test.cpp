#include "aws/ops/secretsmanager/secret_values.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::secretsmanager {
namespace {

const std::string token = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

void expect_call(const Encoded& request, const std::string& operation, const std::string& body)
{
    EXPECT_EQ(request.headers.get("X-Amz-Target"), "secretsmanager." + operation);
    EXPECT_EQ(request.body, body);
}

TEST(GetSecretValue, GivesTheCurrentVersionUnlessAnotherIsNamed)
{
    expect_call(GetSecretValue{.secret_id = "s"}.encode(), "GetSecretValue", R"({"SecretId":"s"})");
    expect_call(
        GetSecretValue{.secret_id = "s", .version_id = token, .version_stage = "AWSPREVIOUS"}
            .encode(),
        "GetSecretValue",
        R"({"SecretId":"s","VersionId":"3f2504e0-4f89-41d3-9a0c-0305e82c3301",)"
        R"("VersionStage":"AWSPREVIOUS"})");
}

TEST(GetSecretValue, IsTextOrBytes)
{
    const auto text = GetSecretValue::decode(
        {.body = R"({"ARN":"a","CreatedDate":1.7E9,"Name":"s","SecretString":"{\"k\":\"ü\"}",
                     "VersionId":"v","VersionStages":["AWSCURRENT"]})"});
    EXPECT_EQ(text.secret_string, R"({"k":"ü"})");
    EXPECT_FALSE(text.secret_binary);
    EXPECT_EQ(text.version_id, "v");
    EXPECT_EQ(text.version_stages, std::vector<std::string>{"AWSCURRENT"});
    EXPECT_EQ(text.created_date, from_unix_milliseconds(1'700'000'000'000));

    const auto bytes =
        GetSecretValue::decode({.body = R"({"ARN":"a","Name":"s","SecretBinary":"AP8="})"});
    EXPECT_EQ(bytes.secret_binary, std::string("\0\xff", 2));
    EXPECT_FALSE(bytes.secret_string);
    EXPECT_THROW(GetSecretValue::decode({.body = R"({"ARN":"a","Name":"s","SecretBinary":"!"})"}),
                 Error);
}

TEST(PutSecretValue, NamesTheVersionByItsToken)
{
    expect_call(
        PutSecretValue{.secret_id = "s", .client_request_token = token, .secret_string = "x"}
            .encode(),
        "PutSecretValue",
        R"({"SecretId":"s","ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301",)"
        R"("SecretString":"x"})");
    expect_call(
        PutSecretValue{.secret_id = "s", .client_request_token = token, .secret_binary = "\xff"}
            .encode(),
        "PutSecretValue",
        R"({"SecretId":"s","ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301",)"
        R"("SecretBinary":"/w=="})");
    const auto version = PutSecretValue::decode(
        {.body = R"({"ARN":"a","Name":"s","VersionId":"v","VersionStages":["AWSCURRENT"]})"});
    EXPECT_EQ(version.version_id, "v");
    EXPECT_EQ(version.version_stages, std::vector<std::string>{"AWSCURRENT"});
}

TEST(PutSecretValue, IsRepeatedWithTheSameToken)
{
    const PutSecretValue one{.secret_id = "s", .secret_string = "x"};
    const PutSecretValue other{.secret_id = "s", .secret_string = "x"};
    EXPECT_EQ(one.encode().body, one.encode().body);
    EXPECT_NE(one.encode().body, other.encode().body);
    EXPECT_TRUE(PutSecretValue::info.is_idempotent());
}

} // namespace
} // namespace nimbus::aws::secretsmanager
