#include "base/error.h"
#include "base/file.h"
#include "deploy/kinds/sql/migration_files.h"
#include "deploy/kinds/sql/migrations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <unistd.h>

namespace nimbus::deploy::sql {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class MigrationFilesTest : public testing::Test {
protected:
    MigrationFilesTest()
    {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "migrations-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~MigrationFilesTest() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& name, std::string_view text = "SELECT 1;")
    {
        write_file(directory_ / name, text);
    }

    std::filesystem::path directory_;
};

TEST_F(MigrationFilesTest, AreReadInTheOrderOfTheirNumbers)
{
    write("0010_b.sql");
    write("0002_c.sql");
    write("README.md");
    write(".0001_swap.sql");
    EXPECT_THAT(read_migrations(directory_), ElementsAre(Field(&Migration::name, "0002_c.sql"),
                                                         Field(&Migration::name, "0010_b.sql")));
}

TEST_F(MigrationFilesTest, HaveNumbersOfTheirOwn)
{
    write("0001_a.sql");
    write("0001_b.sql");
    EXPECT_THAT([&] { read_migrations(directory_); },
                ThrowsMessage<Error>(HasSubstr("the number of 0001_a.sql: the other one is "
                                               "0001_b.sql")));
}

TEST_F(MigrationFilesTest, TheNextOneGoesBehindTheLast)
{
    EXPECT_EQ(next_migration(directory_, "a"), directory_ / "0001_a.sql");
    EXPECT_EQ(next_migration(directory_ / "none", "a"), directory_ / "none" / "0001_a.sql");
    write("0009_b.sql");
    EXPECT_EQ(next_migration(directory_, "add_orders"), directory_ / "0010_add_orders.sql");
    for (const char* title : {"", "Add", "a b", "a/b", "ä"})
        EXPECT_THROW(next_migration(directory_, title), UsageError) << title;
    write("9999_c.sql");
    EXPECT_THAT([&] { next_migration(directory_, "d"); },
                ThrowsMessage<Error>(HasSubstr("the number 9999 in")));
}

TEST(MigrationNames, AreNumbersAndTitles)
{
    EXPECT_EQ(number_of("0001_users.sql"), 1U);
    EXPECT_EQ(number_of("9999_a_2.sql"), 9999U);
    for (const char* name : {"1_users.sql", "00001_users.sql", "0001.sql", "0001_.sql",
                             "0001_users.SQL", "0001_Users.sql", "users.sql", ".sql", ""})
        EXPECT_FALSE(number_of(name)) << name;
}

Migrations::Observed applied(std::vector<MigrationStep> steps)
{
    for (auto& step : steps) {
        step.is_done = true;
        step.changed_at = "2026-11-30";
    }
    return {.inputs = {.steps = std::move(steps)}, .outputs = {}};
}

std::vector<MigrationStep> steps(const std::string& name, const std::string& text)
{
    return steps_of(std::vector{parse_migration(name, text)});
}

TEST(Migrations, WhatIsNotAppliedIsPending)
{
    auto wanted = steps("0001_a.sql", "SELECT 1; SELECT 2; ALTER TABLE a DROP b;");
    const auto differences = [&](const Migrations::Observed& observed) {
        return Migrations::differences({.steps = wanted}, observed);
    };
    EXPECT_THAT(differences(applied(wanted)), IsEmpty());
    EXPECT_THAT(differences(applied({})),
                ElementsAre("0001_a.sql: 3 statements to apply",
                            HasSubstr("line 1: ALTER TABLE a DROP takes away")));
    auto some = applied({wanted[0], wanted[1]});
    EXPECT_THAT(differences(some),
                ElementsAre("0001_a.sql: 1 statement left to apply, of 3", HasSubstr("line 1")));
    some.inputs.steps[1].is_done = false;
    EXPECT_THAT(differences(some).at(0), "0001_a.sql: 2 statements left to apply, of 3");
    some.inputs.steps[1].checksum = "of what was refused, and corrected since";
    some.inputs.steps[1].is_refused = true;
    EXPECT_THAT(differences(some).at(0), "0001_a.sql: 2 statements left to apply, of 3");
}

TEST(Migrations, CommentsBetweenStatementsAreNoPartOfThem)
{
    EXPECT_THAT(Migrations::differences({.steps = steps("0001_a.sql", "-- a\r\nSELECT 1; -- b")},
                                        applied(steps("0001_a.sql", "SELECT 1"))),
                IsEmpty());
}

TEST(Migrations, WhatWasAppliedCannotChange)
{
    const auto refused = [](const std::vector<MigrationStep>& wanted,
                            const std::vector<MigrationStep>& done) {
        try {
            Migrations::differences({.steps = wanted}, applied(done));
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("was not refused");
    };
    const auto one = steps("0002_a.sql", "SELECT 1; SELECT 2");
    EXPECT_THAT(refused({}, one), HasSubstr("0002_a.sql was applied on 2026-11-30"));
    EXPECT_THAT(refused(steps("0002_a.sql", "SELECT 1"), one),
                HasSubstr("fewer statements than were applied"));
    EXPECT_THAT(refused(steps("0002_a.sql", "SELECT 1;\nSELECT 3"), one),
                HasSubstr("in line 2. Applied:\n  SELECT 2\nIn the file:\n  SELECT 3"));
    auto wanted = steps("0001_b.sql", "SELECT 1");
    wanted.insert(wanted.end(), one.begin(), one.end());
    EXPECT_THAT(refused(wanted, one), HasSubstr("0001_b.sql comes before 0002_a.sql"));
}

TEST(Migrations, WhatWasBegunCannotChangeUntilItIsRefused)
{
    auto there = applied(steps("0001_a.sql", "SELECT 1; CREATE TABLE b (id int)"));
    there.inputs.steps[1].is_done = false;
    const auto refused = [&](const std::string& text) {
        try {
            Migrations::differences({.steps = steps("0001_a.sql", text)}, there);
        } catch (const Error& error) {
            return std::string(error.what()) + '\n' + error.hint();
        }
        return std::string("was not refused");
    };
    EXPECT_EQ(refused("SELECT 1; CREATE TABLE b (id int)"), "was not refused");
    const auto told = refused("SELECT 1;\nCREATE TABLE b (id text)");
    EXPECT_THAT(told, HasSubstr("A statement of the migration 0001_a.sql was begun on 2026-11-30"));
    EXPECT_THAT(told, HasSubstr("was changed since, in line 2. Begun:\n  CREATE TABLE b (id int)\n"
                                "In the file:\n  CREATE TABLE b (id text)"));
    EXPECT_THAT(told, HasSubstr("Put its old text back and deploy"));
    EXPECT_THAT(refused("SELECT 1"), HasSubstr("is not in the file any more"));
    there.inputs.steps[1].is_refused = true;
    EXPECT_EQ(refused("SELECT 1;\nCREATE TABLE b (id text)"), "was not refused");
    EXPECT_THAT(refused("SELECT 1"), HasSubstr("whose first batches are applied"));
}

TEST(Migrations, NothingIsAddedToWhatOthersAreAppliedBehind)
{
    const auto both = [](const std::string& first) {
        auto all = steps("0001_a.sql", first);
        std::ranges::move(steps("0002_b.sql", "SELECT 2"), std::back_inserter(all));
        return all;
    };
    const auto wanted = both("SELECT 1;\n\nDELETE FROM users");
    const auto there = applied(both("SELECT 1"));
    EXPECT_EQ(standings_of(wanted, there.inputs.steps).front().state,
              MigrationStanding::State::changed);
    try {
        Migrations::differences({.steps = wanted}, there);
        FAIL() << "was not refused";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(),
                    HasSubstr("0001_a.sql has a statement in line 3 that was not applied with it, "
                              "and 0002_b.sql behind it is applied already. In the file:\n  "
                              "DELETE FROM users"));
    }
    EXPECT_THAT(Migrations::differences({.steps = steps("0001_a.sql", "SELECT 1; SELECT 3")},
                                        applied(steps("0001_a.sql", "SELECT 1"))),
                ElementsAre("0001_a.sql: 1 statement left to apply, of 2"))
        << "behind all that is applied";
}

} // namespace
} // namespace nimbus::deploy::sql
