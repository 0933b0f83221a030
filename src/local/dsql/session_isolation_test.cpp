#include "base/number.h"
#include "base/text.h"
#include "local/dsql/isolation_history.h"
#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <thread>

/// Random transactions of several sessions at once, and whether what they saw is snapshot
/// isolation.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using namespace isolation;

constexpr int sessions = 6;
constexpr int keys = 4;
constexpr int transactions_each = 25;

/// For how long: a few seconds, or NIMBUS_ISOLATION_SECONDS.
std::chrono::seconds duration()
{
    const char* given = std::getenv("NIMBUS_ISOLATION_SECONDS");
    return std::chrono::seconds{given ? parse_number<int>(given).value_or(0) : 5};
}

std::vector<Write> list_of(std::string_view text)
{
    std::vector<Write> list;
    for (const auto word : split(text, ' '))
        if (!word.empty())
            list.push_back(parse_number<Write>(word).value_or(0));
    return list;
}

/// One client, which works on lists (a row each) and entries (a row for each write).
class Worker {
public:
    Worker(Connection connection, unsigned seed, std::atomic<Write>& last_write)
        : connection_(std::move(connection)), random_(seed), last_write_(last_write)
    {
    }

    void work()
    {
        for (int i = 0; i < transactions_each; ++i) {
            transaction_ = {};
            if (chance(10))
                autocommit();
            else
                block();
            history.push_back(std::move(transaction_));
        }
    }

    std::vector<Transaction> history;
    std::vector<std::string> mistakes;

private:
    static constexpr std::string_view conflict_code = "40001";

    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
    bool chance(int percent) { return below(100) < percent; }

    std::string run(const std::string& sql)
    {
        return chance(50) ? connection_.run(sql) : connection_.run_extended(sql);
    }
    /// Anything but a conflict is a mistake.
    bool failed(const std::string& answer, const std::string& expected)
    {
        if (answer.starts_with(conflict_code))
            return true;
        // Of a reading, only numbers.
        if (expected.empty() ? answer.find_first_not_of("0123456789 ") != std::string::npos
                             : answer != expected)
            mistakes.push_back("got " + answer + " instead of " + expected);
        return false;
    }

    void autocommit()
    {
        const auto key = below(keys);
        const auto write = ++last_write_;
        transaction_.began = Time::clock::now();
        const auto answer = run("UPDATE lists SET writes = writes || ' " + std::to_string(write) +
                                "' WHERE key = " + std::to_string(key));
        const bool refused = failed(answer, "UPDATE 1");
        // Its snapshot and its end lie somewhere between.
        transaction_.started = transaction_.ended = Time::clock::now();
        transaction_.ends = transaction_.began;
        transaction_.ending = refused ? Ending::refused : Ending::committed;
        transaction_.appends.push_back({key, write});
        appended_alone_.insert(write);
    }

    void block()
    {
        transaction_.began = Time::clock::now();
        failed(run("BEGIN"), "BEGIN");
        transaction_.started = Time::clock::now();
        bool refused = false;
        for (int i = 1 + below(5); i > 0 && !refused; --i)
            refused = !(chance(40) ? read() : append());
        transaction_.ends = Time::clock::now();
        if (refused || chance(10)) {
            failed(run("ROLLBACK"), "ROLLBACK");
            transaction_.ending = refused ? Ending::refused : Ending::rolled_back;
        } else {
            transaction_.ending =
                failed(run("COMMIT"), "COMMIT") ? Ending::refused : Ending::committed;
        }
        transaction_.ended = Time::clock::now();
    }

    bool read()
    {
        const auto key = below(keys);
        const auto where = " WHERE key = " + std::to_string(key);
        const auto locks =
            chance(20) ? std::string(chance(50) ? " FOR UPDATE" : " FOR KEY SHARE") : "";
        // A function does not lock.
        const auto answer = locks.empty() && chance(20)
                                ? run("SELECT list_of(" + std::to_string(key) + ")")
                                : run("SELECT writes FROM " + table() + where + locks);
        if (failed(answer, ""))
            return false;
        transaction_.readings.push_back({key, list_of(answer)});
        return true;
    }

    bool append()
    {
        const auto key = below(keys);
        const auto write = ++last_write_;
        const auto number = std::to_string(write);
        transaction_.appends.push_back({key, write});
        const auto answer = run(append_statement(std::to_string(key), number));
        if (failed(answer, ""))
            return false;
        transaction_.readings.push_back({key, list_of(answer)});
        return !failed(
                   run("INSERT INTO entries VALUES (" + number + ", " + std::to_string(key) + ")"),
                   "INSERT 0 1") &&
               agrees(key, list_of(answer));
    }

    /// The table, or a view of it.
    std::string table()
    {
        constexpr std::array names{"lists", "public.lists", "all_lists"};
        return names[chance(20) ? 2 : static_cast<std::size_t>(below(2))];
    }

    std::string append_statement(const std::string& key, const std::string& number)
    {
        if (chance(10))
            return "SELECT appended(" + key + ", ' " + number + "')";
        const auto name = table();
        const auto change = " SET writes = " + name + ".writes || ' " + number + "'";
        const auto returned = " RETURNING " + name + ".writes";
        return chance(20) ? "INSERT INTO " + name + " VALUES (" + key +
                                ", '') ON CONFLICT (key) DO UPDATE" + change + returned
                          : "UPDATE " + name + change + " WHERE key = " + key + returned;
    }

    /// The rows that a predicate finds are those of the list.
    bool agrees(int key, std::vector<Write> list)
    {
        const auto answer = run("SELECT coalesce(string_agg(write::text, ' ' ORDER BY write), '') "
                                "FROM entries WHERE key = " +
                                std::to_string(key));
        if (failed(answer, ""))
            return false;
        std::ranges::sort(list);
        for (const auto write : list_of(answer))
            if (!std::ranges::binary_search(list, write))
                mistakes.push_back("an entry " + std::to_string(write) +
                                   " is seen that is not in the list");
        return true;
    }

    Connection connection_;
    std::mt19937 random_;
    std::atomic<Write>& last_write_;
    Transaction transaction_;
    std::set<Write> appended_alone_;
};

class DsqlIsolation : public DsqlSession {
protected:
    void round(unsigned seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto connection = admin();
        ASSERT_EQ(connection.run("CREATE TABLE lists (key int PRIMARY KEY, writes text)"),
                  "CREATE TABLE");
        ASSERT_EQ(connection.run(
                      "CREATE TABLE entries (write bigint PRIMARY KEY, key int REFERENCES lists)"),
                  "CREATE TABLE");
        for (const char* statement :
             {"CREATE VIEW all_lists AS SELECT key, writes FROM lists",
              "CREATE FUNCTION list_of(k int) RETURNS text LANGUAGE sql STABLE RETURN "
              "(SELECT writes FROM lists WHERE key = k)",
              "CREATE FUNCTION appended(k int, addition text) RETURNS text LANGUAGE sql AS "
              "'UPDATE public.lists SET writes = writes || addition WHERE key = k RETURNING "
              "writes'"})
            ASSERT_THAT(connection.run(statement), testing::StartsWith("CREATE "));
        for (int key = 0; key < keys; ++key)
            connection.run("INSERT INTO lists VALUES (" + std::to_string(key) + ", '')");
        std::atomic<Write> last_write{0};
        std::deque<Worker> workers;
        for (unsigned i = 0; i < sessions; ++i)
            workers.emplace_back(admin(), seed * sessions + i, last_write);
        std::vector<std::thread> threads;
        for (auto& worker : workers)
            threads.emplace_back([&worker] { worker.work(); });
        const auto ddl =
            seed % 2 == 0 ? connection.run("ALTER TABLE lists ADD COLUMN more int") : "";
        for (auto& thread : threads)
            thread.join();
        EXPECT_THAT(ddl, testing::AnyOf("", "ALTER TABLE"));
        std::vector<Transaction> history;
        for (auto& worker : workers) {
            history.insert(history.end(), worker.history.begin(), worker.history.end());
            EXPECT_THAT(worker.mistakes, testing::IsEmpty()) << log();
        }
        std::vector<std::vector<Write>> lists;
        for (int key = 0; key < keys; ++key)
            lists.push_back(list_of(
                connection.run("SELECT writes FROM lists WHERE key = " + std::to_string(key))));
        const auto words = violation(history, lists);
        EXPECT_FALSE(words) << *words;
        for (const auto& transaction : history)
            ++endings_[transaction.ending];
        ASSERT_EQ(connection.run("DROP FUNCTION list_of, appended"), "DROP FUNCTION");
        ASSERT_EQ(connection.run("DROP VIEW all_lists"), "DROP VIEW");
        ASSERT_EQ(connection.run("DROP TABLE entries, lists"), "DROP TABLE");
    }

    std::map<Ending, int> endings_;
};

TEST_F(DsqlIsolation, RandomTransactionsSeeSnapshots)
{
    const auto until = Deadline::after(duration());
    unsigned seed = 1;
    do
        round(seed++);
    while (!until.reached() && !HasFailure());
    // They were in one another's way, and most got through.
    EXPECT_GT(endings_[Ending::committed], 0);
    EXPECT_GT(endings_[Ending::refused], 0);
    RecordProperty("committed", endings_[Ending::committed]);
    RecordProperty("refused", endings_[Ending::refused]);
    std::cout << endings_[Ending::committed] << " transactions were committed, "
              << endings_[Ending::refused] << " refused in " << seed - 1 << " rounds\n";
}

} // namespace
} // namespace nimbus::local::dsql
