#include "cli/outputs.h"
#include "deploy/kinds/api/output.h"
#include "deploy/kinds/function/output.h"
#include "deploy/kinds/sql/output.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;

template <class T>
void add(deploy::Outputs& outputs, const char* kind, const T& output)
{
    outputs.items.push_back(
        {.kind = kind, .name = output.name, .id = {}, .members = described::to_json(output)});
}

deploy::Outputs guestbook()
{
    deploy::Outputs outputs;
    outputs.deployment = {.project = "guestbook", .stage = "dev", .region = "us-east-1"};
    deploy::api::ApiOutput api{.name = "web", .id = "abc", .url = "http://127.0.0.1:4000/dev"};
    for (const auto* method : {"GET", "DELETE"})
        api.routes.push_back({.method = method, .path = "/entries", .function = "entries"});
    add(outputs, deploy::api::kind_name, api);
    add(outputs, deploy::sql::kind_name,
        deploy::sql::DatabaseOutput{.name = "main-db",
                                    .identifier = "cluster1",
                                    .endpoint = "cluster1.dsql.us-east-1.on.aws",
                                    .hostaddr = "127.64.0.9",
                                    .arn = "arn:aws:dsql:…",
                                    .schema = "guestbook",
                                    .db_role = "lambda_guestbook"});
    add(outputs, deploy::function::kind_name,
        deploy::function::FunctionOutput{
            .name = "entries", .arn = "arn:aws:lambda:…", .log_group = "/l"});
    return outputs;
}

TEST(Outputs, JsonHasWhatScriptsNeed)
{
    const auto document = to_json(guestbook(), "local");
    EXPECT_EQ(document.at("project"), "guestbook");
    EXPECT_EQ(document.at("target"), "local");
    const json::value all = document;
    EXPECT_EQ(all.at_pointer("/apis/0/url"), "http://127.0.0.1:4000/dev");
    EXPECT_EQ(all.at_pointer("/apis/0/routes/1/method"), "DELETE");
    EXPECT_EQ(all.at_pointer("/sql/0/port"), 5432);
    EXPECT_EQ(all.at_pointer("/sql/0/dbRole"), "lambda_guestbook");
    EXPECT_EQ(all.at_pointer("/functions/0/logGroup"), "/l");
}

TEST(Outputs, PeopleGetTheUrlAndTheRoutesInColumns)
{
    const auto text = describe(guestbook(), "local");
    EXPECT_THAT(text, HasSubstr("guestbook (stage dev) on local, us-east-1\n"));
    EXPECT_THAT(text, HasSubstr("API       web  http://127.0.0.1:4000/dev\n"
                                "            GET     /entries\n"
                                "            DELETE  /entries\n"));
    EXPECT_THAT(text, HasSubstr("Database  main-db  cluster1.dsql.us-east-1.on.aws:5432\n"));
}

TEST(Outputs, PeopleGetTheAddressOfANameThatDnsDoesNotKnow)
{
    EXPECT_THAT(describe(guestbook(), "local"),
                HasSubstr("for libpq: host=cluster1.dsql.us-east-1.on.aws hostaddr=127.64.0.9 "));
    EXPECT_EQ(json::value(to_json(guestbook(), "local")).at_pointer("/sql/0/hostaddr"),
              "127.64.0.9");

    deploy::Outputs on_aws;
    add(on_aws, deploy::sql::kind_name,
        deploy::sql::DatabaseOutput{.name = "main-db", .endpoint = "c.dsql.us-east-1.on.aws"});
    EXPECT_THAT(describe(on_aws, "aws"), testing::Not(HasSubstr("hostaddr")));
    EXPECT_FALSE(to_json(on_aws, "aws").at("sql").at(0).as_object().contains("hostaddr"));
}

TEST(Outputs, ChangesAreASentencesPart)
{
    EXPECT_EQ(describe(deploy::Changes{.created = 3, .deleted = 1, .unchanged = 12}),
              "3 created, 1 deleted, 12 unchanged");
    EXPECT_EQ(describe(deploy::Changes{}), "nothing");
}

} // namespace
} // namespace nimbus::cli
