#include "deploy/kinds/sql/declaration.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

TEST(DatabaseEnvironment, SaysWhereTheDatabaseIsAndWhoTheFunctionIs)
{
    const Database database{.name = "main-db", .schema = "myapp"};
    const auto variables = environment(
        database,
        {.endpoint = "abc.dsql.us-east-1.on.aws", .identifier = "abc", .arn = "arn:aws:…"});
    EXPECT_EQ(variables, (std::map<std::string, std::string>{
                             {"SQL_MAIN_DB_ENDPOINT", "abc.dsql.us-east-1.on.aws"},
                             {"SQL_MAIN_DB_IDENTIFIER", "abc"},
                             {"SQL_MAIN_DB_SCHEMA", "myapp"},
                             {"SQL_MAIN_DB_DB_ROLE", "lambda_myapp"},
                             {"SQL_MAIN_DB_ARN", "arn:aws:…"}}));
}

} // namespace
} // namespace nimbus::deploy::sql
