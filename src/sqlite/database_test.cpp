#include "base/error.h"
#include "base/file.h"
#include "sqlite/database.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <thread>

namespace nimbus::sqlite {
namespace {

TEST(Database, BindsAndReturnsEveryKindOfValue)
{
    Database database(":memory:");
    database.execute_script("CREATE TABLE t (a INTEGER, b TEXT, c REAL, d TEXT) STRICT");
    EXPECT_EQ(database.execute("INSERT INTO t VALUES (?, ?, ?, ?)",
                               {std::int64_t{1} << 40, "it's", 2.5, nullptr}),
              1);
    const auto row = database.query_one("SELECT a, b, c, d FROM t WHERE b = ?", {"it's"});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->integer(0), std::int64_t{1} << 40);
    EXPECT_EQ(row->text(1), "it's");
    EXPECT_EQ(row->integer(2), 2);
    EXPECT_TRUE(row->is_null(3));
    EXPECT_FALSE(database.query_one("SELECT 1 FROM t WHERE a = ?", {std::int64_t{2}}));
}

TEST(Database, RollsBackATransactionThatThrows)
{
    Database database(":memory:");
    database.execute_script("CREATE TABLE t (a INTEGER) STRICT");
    EXPECT_THROW(database.transaction([&] {
        database.execute("INSERT INTO t VALUES (1)");
        database.transaction([&] {
            database.execute("INSERT INTO t VALUES (2)");
            throw Error("no");
        });
    }),
                 Error);
    EXPECT_EQ(database.query_one("SELECT count(*) FROM t")->integer(0), 0);
    database.transaction([&] { database.execute("INSERT INTO t VALUES (3)"); });
    EXPECT_EQ(database.query_one("SELECT count(*) FROM t")->integer(0), 1);
}

TEST(Database, KeepsTransactionsOfThreadsApart)
{
    const TemporaryDirectory directory;
    Database database(directory.path() / "test.db");
    database.execute_script("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (0)");
    const auto add = [&] {
        for (int i = 0; i < 100; ++i)
            database.transaction([&] {
                const auto value = database.query_one("SELECT a FROM t")->integer(0);
                database.execute("UPDATE t SET a = ?", {value + 1});
            });
    };
    std::thread one(add);
    std::thread two(add);
    one.join();
    two.join();
    EXPECT_EQ(database.query_one("SELECT a FROM t")->integer(0), 200);
}

TEST(Database, IsReadableByItsOwnerOnlyAndSurvivesReopening)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "test.db";
    {
        Database database(path);
        database.execute_script("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7)");
    }
    struct stat information{};
    ASSERT_EQ(::stat(path.c_str(), &information), 0);
    EXPECT_EQ(information.st_mode & 0777, 0600u);
    EXPECT_EQ(Database(path).query_one("SELECT a FROM t")->integer(0), 7);
}

TEST(Database, SaysWhoseItIsAndNeedNotSay)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "test.db";
    const Format format{.application = 0x4e696d62, .version = 3};
    {
        Database database(path);
        EXPECT_EQ(database.format(), Format());
        EXPECT_TRUE(database.is_empty());
        database.set_format(format);
    }
    EXPECT_EQ(Database(path, Database::Open::existing).format(), format);
    EXPECT_THROW(Database(directory.path() / "none.db", Database::Open::existing), Error);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "none.db"));
}

TEST(Database, GivesSpaceBackInSteps)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "test.db";
    Database database(path);
    database.execute_script("CREATE TABLE t (a TEXT) STRICT");
    for (int i = 0; i < 100; ++i)
        database.execute("INSERT INTO t VALUES (?)", {std::string(4000, 'x')});
    database.execute("DELETE FROM t");
    const auto free = database.free_pages();
    EXPECT_GT(free, 50);
    EXPECT_EQ(database.shrink(10), free - 10);
    EXPECT_EQ(database.shrink(1000), 0);
    EXPECT_LT(std::filesystem::file_size(path), 50'000U);
}

TEST(Database, CanBeMadeToGiveSpaceBack)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "test.db";
    {
        Database database(path);
        database.execute_script("PRAGMA auto_vacuum = NONE; VACUUM; CREATE TABLE t (a INTEGER)");
        database.execute_script("PRAGMA auto_vacuum = NONE; VACUUM;");
        database.make_shrinkable();
    }
    EXPECT_EQ(Database(path).query_one("PRAGMA auto_vacuum")->integer(0), 2);
}

TEST(Database, IsCopiedAsOfOneMoment)
{
    const TemporaryDirectory directory;
    Database database(directory.path() / "test.db");
    database.execute_script("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7)");
    database.copy_to(directory.path() / "copy.db");
    database.execute("DELETE FROM t");
    EXPECT_EQ(Database(directory.path() / "copy.db").query_one("SELECT a FROM t")->integer(0), 7);
}

TEST(Database, ADamagedFileIsNamedAsSuch)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "test.db";
    write_file(path, std::string(8192, 'x'));
    try {
        const Database database(path);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "The local cloud's database is damaged: file is not a database");
    }
}

TEST(Database, NamesTheStatementThatFailed)
{
    Database database(":memory:");
    try {
        database.query("SELECT a FROM nowhere");
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "The local cloud's database failed: no such table: nowhere "
                                   "(in: SELECT a FROM nowhere)");
    }
}

} // namespace
} // namespace nimbus::sqlite
