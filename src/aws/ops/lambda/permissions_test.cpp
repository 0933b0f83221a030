#include "aws/ops/lambda/invoke.h"
#include "aws/ops/lambda/permissions.h"
#include "aws/ops/lambda/tags.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::lambda {
namespace {

TEST(LambdaPermissions, AreAddedRemovedAndRead)
{
    const auto add = AddPermission{.function_name = "f",
                                   .statement_id = "api",
                                   .principal = "apigateway.amazonaws.com",
                                   .source_arn = "arn:aws:execute-api:us-east-1:1:a/*/GET/users"}
                         .encode();
    EXPECT_EQ(add.method, "POST");
    EXPECT_EQ(add.path, "/2015-03-31/functions/f/policy");
    EXPECT_EQ(add.body, R"({"StatementId":"api","Action":"lambda:InvokeFunction",)"
                        R"("Principal":"apigateway.amazonaws.com",)"
                        R"("SourceArn":"arn:aws:execute-api:us-east-1:1:a/*/GET/users"})");
    EXPECT_EQ(AddPermission::decode({.status = 201, .body = R"({"Statement":"{\"Sid\":\"api\"}"})"})
                  .statement,
              R"({"Sid":"api"})");

    const auto remove = RemovePermission{.function_name = "f", .statement_id = "a b"}.encode();
    EXPECT_EQ(remove.method, "DELETE");
    EXPECT_EQ(remove.path, "/2015-03-31/functions/f/policy/a%20b");

    const auto get = GetPolicy{.function_name = "f"}.encode();
    EXPECT_EQ(get.method, "GET");
    EXPECT_EQ(get.path, "/2015-03-31/functions/f/policy");
    const auto policy =
        GetPolicy::decode({.body = R"({"Policy":"{\"Statement\":[]}","RevisionId":"r"})"});
    EXPECT_EQ(policy.policy, R"({"Statement":[]})");
    EXPECT_EQ(policy.revision_id, "r");
}

TEST(LambdaInvoke, SendsThePayloadAsItIs)
{
    const auto request = Invoke{.function_name = "f", .payload = R"({"a":1})"}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/2015-03-31/functions/f/invocations");
    EXPECT_EQ(request.headers.get("X-Amz-Invocation-Type"), "RequestResponse");
    EXPECT_FALSE(request.headers.contains("X-Amz-Log-Type"));
    EXPECT_EQ(request.body, R"({"a":1})");
    EXPECT_EQ(
        (Invoke{.function_name = "f", .tail_logs = true}.encode().headers.get("X-Amz-Log-Type")),
        "Tail");
    EXPECT_FALSE(Invoke::info.is_idempotent());
}

TEST(LambdaInvoke, WaitsAsLongAsAFunctionMayRun)
{
    EXPECT_GT((Invoke{.function_name = "f"}.encode().total_timeout), std::chrono::minutes(15));
    EXPECT_FALSE((Invoke{.function_name = "f", .invocation_type = "Event"}.encode().total_timeout));
}

TEST(LambdaInvoke, TellsAResultFromAnError)
{
    const auto result = Invoke::decode({.status = 200, .body = "42"});
    EXPECT_EQ(result.status_code, 200);
    EXPECT_EQ(result.function_error, "");
    EXPECT_EQ(result.payload, "42");

    const auto failure = Invoke::decode(
        {.status = 200,
         .headers = {{"X-Amz-Function-Error", "Unhandled"}, {"X-Amz-Log-Result", "U1RBUlQ="}},
         .body = R"({"errorMessage":"boom"})"});
    EXPECT_EQ(failure.function_error, "Unhandled");
    EXPECT_EQ(failure.log_tail, "START");
    EXPECT_EQ(failure.payload, R"({"errorMessage":"boom"})");
    EXPECT_THROW(Invoke::decode({.headers = {{"X-Amz-Log-Result", "!"}}}), Error);
}

TEST(LambdaTags, HaveTheEscapedArnInThePath)
{
    const std::string arn = "arn:aws:lambda:us-east-1:1:function:f";
    const auto tag = TagResource{.resource_arn = arn, .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(tag.method, "POST");
    EXPECT_EQ(tag.path, "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af");
    EXPECT_EQ(tag.body, R"({"Tags":{"k":"v"}})");
    const auto list = ListTags{.resource_arn = arn}.encode();
    EXPECT_EQ(list.method, "GET");
    EXPECT_EQ(list.path, tag.path);
    EXPECT_EQ(ListTags::decode({.body = R"({"Tags":{"k":"v"}})"}).tags, (Tags{{"k", "v"}}));
}

} // namespace
} // namespace nimbus::aws::lambda
