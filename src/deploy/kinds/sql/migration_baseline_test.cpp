#include "base/error.h"
#include "deploy/kinds/sql/migration_baseline.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<MigrationStep> steps(std::initializer_list<std::pair<const char*, const char*>> files)
{
    std::vector<Migration> migrations;
    for (const auto& [name, text] : files)
        migrations.push_back(parse_migration(name, text));
    return steps_of(migrations);
}

std::vector<MigrationStep> done(std::vector<MigrationStep> steps)
{
    for (auto& step : steps)
        step.is_done = true;
    return steps;
}

TEST(MigrationBaseline, KnowsWhatMigrationsLeave)
{
    EXPECT_THAT(
        relations_made_by(steps(
            {{"0001_a.sql", "CREATE TABLE IF NOT EXISTS app.users (id int); CREATE UNIQUE INDEX "
                            "ASYNC by_id ON users (id); CREATE INDEX ASYNC ON users (id);"
                            "CREATE OR REPLACE VIEW \"All\" AS SELECT 1; CREATE SEQUENCE s;"
                            "INSERT INTO users VALUES (1)"},
             {"0002_b.sql", "CREATE TABLE gone (id int); CREATE INDEX ASYNC with_it ON gone (id);"
                            "ALTER TABLE gone RENAME TO away; DROP TABLE IF EXISTS other, away;"
                            "ALTER SEQUENCE s RENAME TO t; ALTER TABLE users RENAME COLUMN id TO "
                            "n"}})),
        ElementsAre(Pair("All", "view"), Pair("by_id", "index"), Pair("t", "sequence"),
                    Pair("users", "table")));
}

TEST(MigrationBaseline, IsWhatTheLedgerDoesNotHaveUpToANumber)
{
    const auto wanted = steps({{"0001_a.sql", "SELECT 1; SELECT 2"},
                               {"0002_b.sql", "SELECT 3"},
                               {"0003_c.sql", "SELECT 4"}});
    EXPECT_THAT(baseline_of(wanted, {}, 2),
                ElementsAre(testing::Field(&MigrationStep::text, "SELECT 1"),
                            testing::Field(&MigrationStep::text, "SELECT 2"),
                            testing::Field(&MigrationStep::text, "SELECT 3")));
    EXPECT_THAT(baseline_of(wanted, done({wanted[0], wanted[1]}), 2),
                ElementsAre(testing::Field(&MigrationStep::text, "SELECT 3")));
    EXPECT_THAT(baseline_of(wanted, done(wanted), 2), IsEmpty());
    EXPECT_THROW(baseline_of(wanted, {}, 4), UsageError);
}

TEST(MigrationBaseline, IsRefusedWhereTheLedgerSaysOtherwise)
{
    const auto wanted = steps({{"0001_a.sql", "SELECT 1; SELECT 2"}, {"0002_b.sql", "SELECT 3"}});
    EXPECT_THROW(baseline_of(wanted, done({wanted[0]}), 1), Error) << "begun";
    EXPECT_THROW(baseline_of(wanted, done({wanted[2]}), 1), Error) << "a later one is applied";
    EXPECT_THROW(baseline_of(wanted, done(steps({{"0001_a.sql", "SELECT 5; SELECT 2"}})), 1), Error)
        << "changed";
    EXPECT_THROW(baseline_of(wanted, done(steps({{"0001_z.sql", "SELECT 1"}})), 1), Error)
        << "missing";
}

} // namespace
} // namespace nimbus::deploy::sql
