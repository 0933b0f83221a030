#include "base/error.h"
#include "deploy/kinds/sql/migration_squash.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Migration> two{
    parse_migration("0001_users.sql", "CREATE TABLE users (id int PRIMARY KEY);"),
    parse_migration("0002_fill.sql",
                    "INSERT INTO users VALUES (1);\n-- nimbus: batch\nUPDATE users SET a = 1")};

std::vector<MigrationStep> applied(const std::vector<Migration>& migrations)
{
    auto steps = steps_of(migrations);
    for (auto& step : steps) {
        step.is_done = true;
        step.changed_at = "2026-01-0" + std::to_string(step.number);
    }
    return steps;
}

class MigrationSquashed : public testing::Test {
protected:
    SquashedLedger seen(std::vector<MigrationStep> ledger) const
    {
        return with_squashes(squashes_of({squashed}), steps_of(std::vector{squashed}),
                             std::move(ledger));
    }

    Migration squashed = parse_migration("0002_squashed.sql", squashed_text(two));
};

TEST_F(MigrationSquashed, HoldsTheStatementsOfAll)
{
    EXPECT_THAT(squashed.statements,
                ElementsAre(Field(&MigrationStatement::text, HasSubstr("CREATE TABLE users")),
                            Field(&MigrationStatement::text, HasSubstr("INSERT INTO users")),
                            Field(&MigrationStatement::in_batches, true)));
    EXPECT_THAT(squashed.replaces, ElementsAre(Field(&ReplacedMigration::name, "0001_users.sql"),
                                               Field(&ReplacedMigration::name, "0002_fill.sql")));
}

TEST_F(MigrationSquashed, LeavesUncheckedWhatWasThat)
{
    const auto text = squashed_text(
        {parse_migration("0001_a.sql", "-- nimbus: unchecked\nTRUNCATE a;\nSELECT 1;"),
         parse_migration("0002_b.sql",
                         "-- nimbus: batch\n-- nimbus: unchecked\nUPDATE users SET a = 1")});
    const auto statements = parse_migration("0002_squashed.sql", text).statements;
    EXPECT_THAT(statements, ElementsAre(Field(&MigrationStatement::is_unchecked, true),
                                        Field(&MigrationStatement::is_unchecked, false),
                                        Field(&MigrationStatement::is_unchecked, true)));
    EXPECT_TRUE(statements.at(2).in_batches);
}

TEST_F(MigrationSquashed, TakesThePlaceOfWhatIsApplied)
{
    const auto ledger = seen(applied(two));
    EXPECT_THAT(ledger.new_ones, ElementsAre(Field(&MigrationSquash::file, "0002_squashed.sql")));
    const auto standings = standings_of(steps_of(std::vector{squashed}), ledger.applied);
    ASSERT_EQ(standings.size(), 1);
    EXPECT_EQ(standings[0].state, MigrationStanding::State::applied);
    EXPECT_EQ(standings[0].changed_at, "2026-01-02");
}

TEST_F(MigrationSquashed, IsAnyOtherFileWhereNothingOfItIsApplied)
{
    EXPECT_THAT(seen({}).new_ones, IsEmpty());
    EXPECT_THAT(seen(applied({squashed})).new_ones, IsEmpty());
}

TEST_F(MigrationSquashed, IsRefusedWhereTheLedgerHasSomethingElse)
{
    EXPECT_THROW(seen(applied({two[0]})), Error) << "one of them alone";
    EXPECT_THROW(seen(applied({two[0], parse_migration("0002_fill.sql", "DELETE FROM users")})),
                 Error);
    auto begun = applied(two);
    begun.back().is_done = false;
    EXPECT_THROW(seen(begun), Error);
}

TEST(MigrationSquash, RefusesLinesThatNobodyWouldWrite)
{
    for (const char* line : {"replaces", "replaces 0001_users.sql", "replaces 0001_users.sql abc",
                             "replaces users 0 1"})
        EXPECT_THROW(
            parse_migration("0001_a.sql", std::string("-- nimbus: ") + line + "\nSELECT 1"), Error)
            << line;
}

} // namespace
} // namespace nimbus::deploy::sql
