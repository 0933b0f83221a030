#include "aws/test_server.h"
#include "base/error.h"
#include "cli/secret_store.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string secret_json = R"({"ARN":"arn:key","Name":"shop/dev/key",
    "VersionIdsToStages":{"v1":["AWSCURRENT"]},
    "Tags":[{"Key":"nimbus:project","Value":"shop"},{"Key":"nimbus:stage","Value":"dev"},
            {"Key":"nimbus:resource","Value":"secret/key"},{"Key":"team","Value":"payments"}]})";

http::Response answer(std::string body)
{
    return {.body = std::move(body)};
}

http::Response refusal(const std::string& code, const std::string& message)
{
    return {.status = 400,
            .body = R"({"__type":")" + code + R"(","Message":")" + message + R"("})"};
}

/// The store of shop, stage dev, over a Secrets Manager that gives these answers.
class SecretStoreTest : public testing::Test {
protected:
    SecretStore store(std::deque<http::Response> answers)
    {
        server_ = std::make_unique<aws::testing_server::ScriptedServer>(std::move(answers));
        aws::ClientOptions options{.region = "us-east-1"};
        options.endpoints.all = server_->origin();
        client_ = std::make_unique<aws::Client>(
            std::make_shared<http::Client>(), aws::fixed_credentials({"AKIDEXAMPLE", "secret", ""}),
            std::move(options));
        return {*client_, deployment_};
    }

    std::vector<std::string> operations() const
    {
        std::vector<std::string> names;
        for (const auto& request : server_->requests()) {
            const std::string target(request.headers.get("X-Amz-Target"));
            names.push_back(target.substr(target.find('.') + 1));
        }
        return names;
    }

private:
    deploy::DeploymentId deployment_{.project = "shop", .stage = "dev", .region = "us-east-1"};
    std::unique_ptr<aws::testing_server::ScriptedServer> server_;
    std::unique_ptr<aws::Client> client_;
};

TEST_F(SecretStoreTest, TakesASecretWithTheDeploymentsTagsAndMore)
{
    EXPECT_EQ(store({answer(secret_json)}).need("key").arn, "arn:key");
}

TEST_F(SecretStoreTest, SetsWhatItMayNotRead)
{
    const auto secrets =
        store({answer(secret_json), refusal("AccessDeniedException", "not authorized"),
               answer(R"({"ARN":"arn:key","Name":"shop/dev/key","VersionId":"v2"})")});
    EXPECT_EQ(secrets.set("key", secrets.find("key"), "new"), SecretStore::Change::changed);
    EXPECT_THAT(operations(), ElementsAre("DescribeSecret", "GetSecretValue", "PutSecretValue"));
}

TEST_F(SecretStoreTest, LeavesAValueThatIsTheSame)
{
    const auto secrets =
        store({answer(secret_json),
               answer(R"({"ARN":"arn:key","Name":"shop/dev/key","SecretBinary":"/w=="})")});
    EXPECT_EQ(secrets.set("key", secrets.find("key"), "\xff"), SecretStore::Change::unchanged);
    EXPECT_THAT(operations(), ElementsAre("DescribeSecret", "GetSecretValue"));
}

TEST_F(SecretStoreTest, SaysThatANameIsNotFreeYet)
{
    const auto secrets =
        store({refusal("InvalidRequestException",
                       "You can't create this secret because a secret with this name is already "
                       "scheduled for deletion.")});
    try {
        secrets.set("key", {}, "new");
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "Secrets Manager is still deleting the secret shop/dev/key");
        EXPECT_THAT(error.hint(), HasSubstr("again"));
    }
}

TEST_F(SecretStoreTest, ListsWhatHasTheDeploymentsTagsFromAllPages)
{
    const auto secrets = store(
        {answer(R"({"SecretList":[{"ARN":"arn:other","Name":"shop/dev/other"}],"NextToken":"n"})"),
         answer(R"({"SecretList":[)" + secret_json + "]}")});
    const auto listed = secrets.list();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].name, "key");
    EXPECT_THAT(operations(), ElementsAre("ListSecrets", "ListSecrets"));
}

} // namespace
} // namespace nimbus::cli
