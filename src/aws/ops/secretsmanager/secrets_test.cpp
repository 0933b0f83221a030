#include "aws/ops/secretsmanager/secrets.h"
#include "aws/ops/secretsmanager/tags.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::secretsmanager {
namespace {

const std::string token = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

void expect_call(const Encoded& request, const std::string& operation, const std::string& body)
{
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-amz-json-1.1");
    EXPECT_EQ(request.headers.get("X-Amz-Target"), "secretsmanager." + operation);
    EXPECT_EQ(request.body, body);
}

ApiError refusal(const std::string& code, const std::string& message)
{
    return {DescribeSecret::info, 400, {.code = code, .message = message}};
}

TEST(CreateSecret, NeedsNoValue)
{
    expect_call(CreateSecret{.name = "shop/dev/stripe-key",
                             .description = "Stripe's key",
                             .kms_key_id = "alias/shop",
                             .tags = {{"nimbus:project", "shop"}},
                             .client_request_token = token}
                    .encode(),
                "CreateSecret",
                R"({"Name":"shop/dev/stripe-key","Description":"Stripe's key",)"
                R"("KmsKeyId":"alias/shop","Tags":[{"Key":"nimbus:project","Value":"shop"}],)"
                R"("ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"})");
    const auto secret = CreateSecret::decode(
        {.body = R"({"ARN":"arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf",
                     "Name":"s"})"});
    EXPECT_EQ(secret.arn, "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-AbCdEf");
    EXPECT_EQ(secret.name, "s");
    EXPECT_EQ(secret.version_id, "");
}

TEST(CreateSecret, MayBringTextOrBytes)
{
    expect_call(
        CreateSecret{.name = "s", .client_request_token = token, .secret_string = "ü"}.encode(),
        "CreateSecret",
        R"({"Name":"s","ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301",)"
        R"("SecretString":"ü"})");
    expect_call(CreateSecret{.name = "s",
                             .client_request_token = token,
                             .secret_binary = std::string("\0\xff", 2)}
                    .encode(),
                "CreateSecret",
                R"({"Name":"s","ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301",)"
                R"("SecretBinary":"AP8="})");
    EXPECT_EQ(
        CreateSecret::decode({.body = R"({"ARN":"a","Name":"s","VersionId":"v"})"}).version_id,
        "v");
}

TEST(CreateSecret, IsRepeatedWithTheSameToken)
{
    const CreateSecret one{.name = "s"};
    const CreateSecret other{.name = "s"};
    EXPECT_EQ(one.encode().body, one.encode().body);
    EXPECT_NE(one.encode().body, other.encode().body);
    EXPECT_EQ(one.client_request_token.size(), 36U) << "32 to 64 are allowed";
    EXPECT_TRUE(CreateSecret::info.is_idempotent());
}

TEST(DescribeSecret, TellsAllButTheValue)
{
    expect_call(DescribeSecret{.secret_id = "s"}.encode(), "DescribeSecret", R"({"SecretId":"s"})");
    const auto secret = DescribeSecret::decode(
        {.body = R"({"ARN":"arn:s","Name":"s","Description":"d","KmsKeyId":"k",
                     "CreatedDate":1.7E9,"LastChangedDate":1700000000.25,
                     "LastAccessedDate":1700000000,"RotationEnabled":false,
                     "Tags":[{"Key":"nimbus:project","Value":"shop"},{"Key":"empty","Value":""}],
                     "VersionIdsToStages":{"v1":["AWSPREVIOUS"],"v2":["AWSCURRENT","mine"]}})"});
    EXPECT_EQ(secret.arn, "arn:s");
    EXPECT_EQ(secret.name, "s");
    EXPECT_EQ(secret.description, "d");
    EXPECT_EQ(secret.kms_key_id, "k");
    EXPECT_EQ(secret.created_date, from_unix_milliseconds(1'700'000'000'000));
    EXPECT_EQ(secret.last_changed_date, from_unix_milliseconds(1'700'000'000'250));
    EXPECT_EQ(secret.tags, (Tags{{"nimbus:project", "shop"}, {"empty", ""}}));
    EXPECT_EQ(secret.version_stages,
              (VersionStages{{"v1", {"AWSPREVIOUS"}}, {"v2", {"AWSCURRENT", "mine"}}}));
    EXPECT_TRUE(secret.has_value());
    EXPECT_FALSE(secret.waits_for_deletion());
}

TEST(DescribeSecret, KnowsASecretWithoutAValue)
{
    EXPECT_FALSE(DescribeSecret::decode({.body = R"({"ARN":"a","Name":"s"})"}).has_value());
    EXPECT_FALSE(DescribeSecret::decode({.body = R"({"ARN":"a","Name":"s",
                                                     "VersionIdsToStages":{"v":["AWSPENDING"]}})"})
                     .has_value());
}

TEST(DescribeSecret, KnowsASecretThatWaitsForItsDeletion)
{
    const auto secret =
        DescribeSecret::decode({.body = R"({"ARN":"a","Name":"s","DeletedDate":1.7E9})"});
    EXPECT_TRUE(secret.waits_for_deletion());
    EXPECT_EQ(secret.deleted_date, from_unix_milliseconds(1'700'000'000'000));
    EXPECT_FALSE(DescribeSecret::decode({.body = R"({"ARN":"a","Name":"s","DeletedDate":null})"})
                     .waits_for_deletion());
    EXPECT_THROW(DescribeSecret::decode({.body = R"({"ARN":"a","Name":"s","DeletedDate":"soon"})"}),
                 Error);
}

TEST(UpdateSecret, SendsWhatChanges)
{
    expect_call(UpdateSecret{.secret_id = "s", .client_request_token = token}.encode(),
                "UpdateSecret",
                R"({"SecretId":"s","ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"})");
    expect_call(
        UpdateSecret{
            .secret_id = "s", .description = "", .kms_key_id = "k", .client_request_token = token}
            .encode(),
        "UpdateSecret",
        R"({"SecretId":"s","Description":"","KmsKeyId":"k",)"
        R"("ClientRequestToken":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"})");
    EXPECT_EQ(UpdateSecret::decode({.body = R"({"ARN":"a","Name":"s"})"}).arn, "a");
}

TEST(DeleteSecret, HasARecoveryWindowOrNone)
{
    expect_call(DeleteSecret{.secret_id = "s"}.encode(), "DeleteSecret", R"({"SecretId":"s"})");
    expect_call(DeleteSecret{.secret_id = "s", .recovery_window_in_days = 7}.encode(),
                "DeleteSecret", R"({"SecretId":"s","RecoveryWindowInDays":7})");
    expect_call(DeleteSecret{.secret_id = "s", .force_delete_without_recovery = true}.encode(),
                "DeleteSecret", R"({"SecretId":"s","ForceDeleteWithoutRecovery":true})");
    EXPECT_EQ(DeleteSecret::decode({.body = R"({"ARN":"a","DeletionDate":1.7E9,"Name":"s"})"})
                  .deletion_date,
              from_unix_milliseconds(1'700'000'000'000));
}

TEST(RestoreSecret, NamesTheSecret)
{
    expect_call(RestoreSecret{.secret_id = "s"}.encode(), "RestoreSecret", R"({"SecretId":"s"})");
    EXPECT_EQ(RestoreSecret::decode({.body = R"({"ARN":"a","Name":"s"})"}).name, "s");
}

TEST(ListSecrets, FiltersAndHasPages)
{
    expect_call(ListSecrets{}.encode(), "ListSecrets", "{}");
    expect_call(ListSecrets{.filters = {{"name", {"shop/dev/"}}, {"tag-key", {"a", "b"}}},
                            .include_planned_deletion = true,
                            .max_results = 100,
                            .next_token = "n"}
                    .encode(),
                "ListSecrets",
                R"({"Filters":[{"Key":"name","Values":["shop/dev/"]},)"
                R"({"Key":"tag-key","Values":["a","b"]}],"IncludePlannedDeletion":true,)"
                R"("MaxResults":100,"NextToken":"n"})");
    const auto page = ListSecrets::decode({.body = R"({"NextToken":"more","SecretList":[
                     {"ARN":"arn:1","Name":"one","Tags":[{"Key":"k","Value":"v"}],
                      "SecretVersionsToStages":{"v":["AWSCURRENT"]},"LastChangedDate":1.7E9},
                     {"ARN":"arn:2","Name":"two","DeletedDate":1.7E9}]})"});
    ASSERT_EQ(page.secrets.size(), 2U);
    EXPECT_EQ(page.secrets[0].name, "one");
    EXPECT_EQ(page.secrets[0].tags, (Tags{{"k", "v"}}));
    EXPECT_TRUE(page.secrets[0].has_value());
    EXPECT_FALSE(page.secrets[1].has_value());
    EXPECT_TRUE(page.secrets[1].waits_for_deletion());
    EXPECT_EQ(page.next_token, "more");
}

TEST(SecretTags, AreAddedAndRemoved)
{
    expect_call(TagResource{.secret_id = "s", .tags = {{"k", "v"}}}.encode(), "TagResource",
                R"({"SecretId":"s","Tags":[{"Key":"k","Value":"v"}]})");
    expect_call(UntagResource{.secret_id = "s", .tag_keys = {"a", "b"}}.encode(), "UntagResource",
                R"({"SecretId":"s","TagKeys":["a","b"]})");
}

TEST(IsWaitingForDeletion, GoesByTheMessage)
{
    for (const char* message :
         {"You can't perform this operation on the secret because it was marked for deletion.",
          "You can't create this secret because a secret with this name is already scheduled for "
          "deletion.",
          "You tried to perform the operation on a secret that's currently marked deleted."})
        EXPECT_TRUE(is_waiting_for_deletion(refusal("InvalidRequestException", message)))
            << message;
    EXPECT_FALSE(is_waiting_for_deletion(
        refusal("InvalidRequestException", "You can't use ForceDeleteWithoutRecovery here.")));
    EXPECT_FALSE(is_waiting_for_deletion(
        refusal("InvalidParameterException", "The secret was marked for deletion.")));
}

} // namespace
} // namespace nimbus::aws::secretsmanager
