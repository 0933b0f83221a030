#include "local/dsql/concurrency_fixture.h"

#include <gmock/gmock.h>

/// What a session finds out at the first statement of a transaction: others have changed a table
/// of which it has an old copy in its catalogue (Aurora DSQL User Guide, "DDL and distributed
/// transactions").
namespace nimbus::local::dsql {
namespace {

class DsqlCatalogChange : public DsqlConcurrency {};

INSTANTIATE_TEST_SUITE_P(InBothProtocols, DsqlCatalogChange, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Extended" : "Simple"; });

TEST_P(DsqlCatalogChange, IsMetByTheFirstStatementThatUsesTheTable)
{
    EXPECT_EQ(a("SELECT n FROM child"), "0");
    for (const char* change :
         {"ALTER TABLE child ADD COLUMN more int", "GRANT SELECT ON child TO admin",
          "CREATE INDEX ASYNC ON child (n)", "ALTER TABLE child RENAME TO other_child",
          "ALTER TABLE other_child RENAME TO child"}) {
        SCOPED_TRACE(change);
        b(change);
        const std::string table =
            std::string(change).contains("TO other") ? "other_child" : "child";
        EXPECT_EQ(a("SELECT n FROM " + table), schema_conflict);
        EXPECT_EQ(a("SELECT n FROM " + table), "0") << "once is enough";
    }
    // Of a block, the first one; it has failed then.
    b("ALTER TABLE child ADD COLUMN third int");
    EXPECT_EQ(a("BEGIN"), "BEGIN");
    EXPECT_EQ(a("UPDATE public.child SET n = 5"), schema_conflict);
    EXPECT_EQ(a("SELECT 1"), "25P02 current transaction is aborted, commands ignored until end of "
                             "transaction block");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("UPDATE child SET n = 5"), "UPDATE 1");
    b("CREATE TABLE one_more (id int PRIMARY KEY)");
    EXPECT_EQ(a("SELECT count(*) FROM one_more"), schema_conflict);
    EXPECT_EQ(a("DROP TABLE one_more"), "DROP TABLE");
}

TEST_P(DsqlCatalogChange, IsNoConcernOfWhoDoesNotUseTheTable)
{
    EXPECT_EQ(a("SELECT n FROM child"), "0");
    b("ALTER TABLE child ADD COLUMN more int");
    EXPECT_EQ(a("SELECT count(*) FROM parent"), "2");
    EXPECT_EQ(a("SELECT n FROM child"), "0") << "the catalogue is new by then";
    // Nor of who has changed it, or has no copy of the catalogue yet.
    EXPECT_EQ(b("SELECT n FROM child"), "0");
    Client fresh{admin(), GetParam()};
    b("ALTER TABLE child ADD COLUMN third int");
    EXPECT_EQ(fresh("SELECT n FROM child"), "0");
    // Nor is what was not committed.
    a("SELECT 1");
    b("BEGIN");
    b("ALTER TABLE child ADD COLUMN fourth int");
    b("ROLLBACK");
    EXPECT_EQ(a("SELECT n FROM child"), "0");
}

} // namespace
} // namespace nimbus::local::dsql
