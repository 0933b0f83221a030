#include "local/dsql/message_script.h"

#include <array>
#include <cstdlib>
#include <iostream>
#include <random>

/// Clients may send the messages of the protocol in any order, and in batches of any size. Where
/// nobody contends, each must have the answer that PostgreSQL itself gives.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;

/// Behind such a line, the client goes on when it has all answers.
constexpr std::string_view pause = "(answers)";

constexpr std::string_view reset =
    "TRUNCATE bare.t, proxied.t; INSERT INTO bare.t SELECT g, 0 FROM "
    "generate_series(1, 4) g; INSERT INTO proxied.t TABLE bare.t";

/// What ends any batch and any block, and shows what has come of it.
constexpr std::string_view ending = "S\nQ ROLLBACK\nQ SELECT id, v FROM t ORDER BY id, v";

class Scripts {
public:
    explicit Scripts(unsigned seed) : random_(seed) {}

    std::string next()
    {
        std::string script;
        if (chance(50))
            add(script, "Q BEGIN\n");
        for (auto count = 2 + below(10); count > 0; --count) {
            if (chance(60))
                whole_statement(script);
            else
                message(script);
            if (chance(15))
                add(script, std::string(pause) + '\n');
        }
        return script;
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::string pick(const auto& range)
    {
        return range[below(static_cast<unsigned>(std::size(range)))];
    }
    static void add(std::string& script, const std::string& lines) { script += lines; }

    std::string name() { return chance(50) ? "-" : pick(std::array{"a", "b"}); }
    std::string text()
    {
        static constexpr std::array texts = {
            "SELECT id, v FROM t ORDER BY id",
            "SELECT id FROM t WHERE id < 3 ORDER BY id FOR UPDATE",
            "UPDATE t SET v = v + 1 WHERE id = 2",
            "UPDATE t SET v = v + 1 WHERE id < 3 RETURNING id, v",
            "INSERT INTO t VALUES (10 + (SELECT count(*) FROM t), 1)",
            "INSERT INTO t VALUES (5, 1)",
            "INSERT INTO t SELECT id + 100 + (SELECT count(*) FROM t), v FROM t WHERE id = 1",
            "DELETE FROM t WHERE id = 4",
            "SELECT 1 / v FROM t WHERE id = 1",
            "SELECT nothing FROM t",
            "",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
        };
        return pick(texts);
    }
    std::string query()
    {
        static constexpr std::array more = {
            "UPDATE t SET v = v + 1; SELECT id, v FROM t ORDER BY id",
            "SELECT 1; SELECT 2; SELECT 3",
            "BEGIN; UPDATE t SET v = v + 1 WHERE id = 1",
            "UPDATE t SET v = v + 1 WHERE id = 1; COMMIT",
            ";;",
        };
        return chance(70) ? text() : pick(more);
    }

    void message(std::string& script)
    {
        switch (below(9)) {
        case 0:
            return add(script, "P " + name() + ' ' + text() + '\n');
        case 1:
            return add(script, "B " + name() + ' ' + name() + '\n');
        case 2:
            return add(script, (chance(50) ? "D S " : "D P ") + name() + '\n');
        case 3:
            return add(script, "E " + name() + ' ' + std::to_string(below(3)) + '\n');
        case 4:
            return add(script, (chance(50) ? "C S " : "C P ") + name() + '\n');
        case 5:
            return add(script, "H\n");
        case 6:
        case 7:
            return add(script, "S\n");
        default:
            return add(script, "Q " + query() + '\n');
        }
    }

    /// As drivers send them, in most cases.
    void whole_statement(std::string& script)
    {
        if (chance(25))
            return add(script, "Q " + query() + '\n');
        const auto statement = name();
        const auto portal = name();
        if (chance(30))
            add(script, "C S " + (statement == "-" ? "a" : statement) + '\n');
        if (chance(80))
            add(script, "P " + statement + ' ' + text() + '\n');
        add(script, "B " + portal + ' ' + statement + '\n');
        if (chance(50))
            add(script, "D P " + portal + '\n');
        for (auto count = chance(80) ? 1U : 2U; count > 0; --count)
            add(script, "E " + portal + ' ' + std::to_string(chance(70) ? 0 : 1 + below(2)) + '\n');
        if (chance(15))
            add(script, "C P " + portal + '\n');
        if (chance(70))
            add(script, chance(80) ? "S\n" : "S\nH\n");
        else if (chance(50))
            add(script, "H\n");
    }

    std::mt19937 random_;
};

class DsqlMessages : public DsqlSession {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        plain_.emplace(plain("nimbus"));
        for (const std::string schema : {"bare", "proxied"})
            plain_->run("CREATE SCHEMA " + schema + "; CREATE TABLE " + schema +
                        ".t (id int PRIMARY KEY, v int); GRANT ALL ON SCHEMA " + schema +
                        " TO admin; GRANT ALL ON " + schema + ".t TO admin");
    }
    void TearDown() override
    {
        if (!IsSkipped())
            plain_->run("DROP SCHEMA bare CASCADE; DROP SCHEMA proxied CASCADE");
    }

    Connection plain(const std::string& user) const
    {
        return Connection(
            "host=" + shared_->postgres.socket().parent_path().string() + " user=" + user +
            " dbname=postgres options='-c search_path=bare -c timezone=UTC -c "
            "enable_bitmapscan=off -c default_transaction_isolation=repeatable\\\\ read'");
    }

    /// What PostgreSQL says to these lines.
    std::vector<std::string> expected(const std::string& lines)
    {
        plain_->run(std::string(reset));
        MessageClient client(plain("admin"));
        client.say(lines);
        client.send(std::string("X\0\0\0\4", 5));
        std::vector<std::string> all;
        for (std::string answer; !(answer = client.next()).starts_with('(');)
            all.push_back(answer);
        return all;
    }

    void compare(const std::string& script)
    {
        SCOPED_TRACE(script);
        const auto whole = script + std::string(ending) + '\n';
        std::string sent;
        std::string lines;
        std::vector<std::pair<std::string, std::size_t>> parts;
        const auto end_part = [&] {
            sent += lines;
            parts.emplace_back(std::exchange(lines, {}), expected(sent).size());
        };
        std::string_view last;
        for (const auto line : split(whole, '\n')) {
            // What the server is not asked for, it says later.
            if (line != pause)
                lines += std::string(line) + '\n';
            else if (last.starts_with('S') || last.starts_with('H') || last.starts_with('Q'))
                end_part();
            last = line;
        }
        end_part();

        const auto answers = expected(sent);
        plain_->run(std::string(reset));
        MessageClient client(admin());
        client("Q SET search_path = proxied");
        std::vector<std::string> heard;
        for (const auto& [part, count] : parts) {
            client.say(part);
            for (auto& answer : client.next(count - std::min(count, heard.size())))
                heard.push_back(std::move(answer));
        }
        EXPECT_EQ(join(heard, "\n"), join(answers, "\n"));
    }

    std::optional<Connection> plain_;
};

TEST_F(DsqlMessages, AnyOrderOfThemIsAnsweredAsPostgreSqlDoes)
{
    const char* given = std::getenv("NIMBUS_MESSAGES_SEED");
    const auto first = given ? parse_number<unsigned>(given).value_or(1) : 1;
    const char* number = std::getenv("NIMBUS_MESSAGES_SCRIPTS");
    const auto count = number ? parse_number<unsigned>(number).value_or(1) : 40;
    for (auto seed = first; seed < first + count && !HasFailure(); ++seed) {
        SCOPED_TRACE("NIMBUS_MESSAGES_SEED=" + std::to_string(seed));
        compare(Scripts(seed).next());
    }
}

/// Fixed orders of messages; all in a block and outside.
class DsqlMessageOrder : public DsqlMessages, public testing::WithParamInterface<const char*> {};

TEST_P(DsqlMessageOrder, IsAnsweredAsPostgreSqlDoes)
{
    compare(std::string(GetParam()) + '\n');
    compare("Q BEGIN\n" + std::string(GetParam()) + "\nQ COMMIT\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, DsqlMessageOrder,
    testing::Values(
        "C S x\nP - UPDATE t SET v = 1\nB - -\nD P -\nE - 0\nS",
        "C P x\nC S x\nH\n(answers)\nP - UPDATE t SET v = 1\nB - -\nE - 0\nC S x\nS",
        "P a DELETE FROM t\nB - a\nE - 0\nC S a\nP a UPDATE t SET v = 1\nB - a\nE - 0\nS",
        "P - UPDATE t SET v = 1\nB - -\nE - 0\nH\n(answers)\nC P -\nH\n(answers)\nS\nH",
        "P - UPDATE t SET v = 1\nB - -\nE - 0\nQ UPDATE t SET v = 2",
        "P - SELECT nothing FROM t\nQ UPDATE t SET v = 2\nQ SELECT 1\nS",
        "P a UPDATE t SET v = 1\nS\nP a SELECT 1\nS\nB - a\nE - 0\nS",
        "P a UPDATE t SET v = 1\nS\nB - b\nC S a\nS\nQ ROLLBACK\nB - a\nE - 0\nS",
        "P a UPDATE t SET v = 1 RETURNING v\nB p a\nE p 1\nE p 1\nC P p\nE p 1\nS",
        "P - COMMIT\nB - -\nE - 0\nP - BEGIN\nB - -\nE - 0\nP - UPDATE t SET v = 1\n"
        "B - -\nE - 0\nS",
        "P - COMMIT\nB - -\nE - 0\nS\nQ BEGIN\nQ UPDATE t SET v = 1\nQ ROLLBACK\nQ SELECT 1",
        "P - \nB - -\nE - 0\nS\nQ \nP - \nB - -\nE - 0\nP - UPDATE t SET v = 1\nB - -\n"
        "E - 0\nS\nS\nS"));

} // namespace
} // namespace nimbus::local::dsql
