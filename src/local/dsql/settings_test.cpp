#include "local/dsql/settings.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Settings, StartupParametersAreSorted)
{
    const auto wishes = read_startup_parameters({
        {"user", "admin"},
        {"database", "postgres"},
        {"application_name", "psql"},
        {"client_encoding", "UTF8"},
        {"options", "-c amzn-cluster-id=abc --search_path=a,\\ b  -cTimeZone=UTC"},
        {"_pq_.something", "1"},
    });
    ASSERT_TRUE(wishes);
    EXPECT_EQ(wishes->user, "admin");
    EXPECT_EQ(wishes->database, "postgres");
    EXPECT_EQ(wishes->cluster_id, "abc");
    EXPECT_THAT(wishes->settings,
                ElementsAre(Pair("application_name", "psql"), Pair("search_path", "a, b"),
                            Pair("TimeZone", "UTC")));
    EXPECT_THAT(wishes->unknown_options, ElementsAre("_pq_.something"));
}

/// PostgreSQL looks at letters and digits alone; asyncpg sends the value in quotes.
TEST(Settings, Utf8HasManySpellings)
{
    for (const char* value : {"UTF8", "utf-8", "'utf-8'", "Unicode", "UTF_8", "SQL_ASCII"})
        EXPECT_TRUE(read_startup_parameters({{"client_encoding", value}})) << value;
    for (const char* value : {"", "utf16", "latin1", "utf-8x"})
        EXPECT_FALSE(read_startup_parameters({{"client_encoding", value}})) << value;
}

TEST(Settings, TheDatabaseIsNamedAfterTheUserByDefault)
{
    EXPECT_EQ(read_startup_parameters({{"user", "admin"}})->database, "admin");
}

TEST(Settings, OthersAreRefused)
{
    for (const auto& parameters : std::vector<std::vector<std::pair<std::string, std::string>>>{
             {{"default_transaction_read_only", "on"}},
             {{"options", "-c default_transaction_read_only=on"}},
             {{"options", "--default-transaction-read-only=on"}},
         }) {
        const auto wishes = read_startup_parameters(parameters);
        ASSERT_FALSE(wishes);
        EXPECT_EQ(wishes.error().sqlstate, "0A000");
        EXPECT_EQ(wishes.error().message,
                  "setting configuration parameter \"default_transaction_read_only\" not "
                  "supported");
    }
    EXPECT_FALSE(read_startup_parameters({{"options", "-d 5"}}));
    EXPECT_FALSE(read_startup_parameters({{"options", "-c session_authorization=x"}}));
    EXPECT_FALSE(read_startup_parameters({{"replication", "database"}}));
    EXPECT_FALSE(read_startup_parameters({{"client_encoding", "SJIS"}}));
}

} // namespace
} // namespace nimbus::local::dsql
