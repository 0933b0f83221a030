#include "aws/test_server.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/function/function.h"
#include "deploy/world.h"

#include <gtest/gtest.h>

namespace nimbus::deploy::function {
namespace {

using aws::testing_server::ScriptedServer;

/// GetFunction with that beside the configuration.
http::Response function_with(const std::string& members)
{
    return {.status = 200,
            .body =
                R"({"Configuration":{"FunctionName":"shop-dev-f","State":"Active",)"
                R"("FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:shop-dev-f"})" +
                members + "}"};
}

/// How a function of that answer is read, which was recorded before.
std::string failure_of(const http::Response& answer)
{
    ScriptedServer lambda({answer});
    const aws::Client client(std::make_shared<http::Client>(),
                             aws::fixed_credentials({"AKID", "secret"}),
                             {.region = "us-east-1", .endpoints = {.all = lambda.origin()}});
    const Target target{.name = "aws", .client = client, .region = "us-east-1"};
    Status status;
    World world(all_kinds(), target, {"shop", "dev", "us-east-1"}, status);
    Reads reads(world);
    try {
        Function::read(world, reads,
                       {.name = "f",
                        .is_recorded = true,
                        .outputs = {.function_name = "shop-dev-f", .arn = {}, .role_id = {}},
                        .parent = {}});
    } catch (const LostTags&) {
        return "lost tags";
    } catch (const NotOurs&) {
        return "not ours";
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return "none";
}

TEST(FunctionRead, KnowsItsFunctionByTheTags)
{
    EXPECT_EQ(
        failure_of(function_with(R"(,"Tags":{"nimbus:project":"shop","nimbus:stage":"dev"})")),
        "none");
    EXPECT_EQ(
        failure_of(function_with(R"(,"Tags":{"nimbus:project":"other","nimbus:stage":"dev"})")),
        "not ours");
    EXPECT_EQ(failure_of(function_with("")), "lost tags");
}

TEST(FunctionRead, TellsTagsThatAwsDoesNotShowFromTagsThatAreLost)
{
    EXPECT_EQ(
        failure_of(function_with(
            R"(,"TagsError":{"ErrorCode":"AccessDeniedException",)"
            R"("Message":"User: me is not authorized to perform: lambda:ListTags"})")),
        "The Lambda function shop-dev-f does not show its tags: User: me is not authorized to "
        "perform: lambda:ListTags | Allow lambda:ListTags for it, then run the command again.");
}

} // namespace
} // namespace nimbus::deploy::function
