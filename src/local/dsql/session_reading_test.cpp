#include "base/number.h"
#include "base/text.h"
#include "local/dsql/dialect.h"
#include "local/dsql/session_fixture.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <random>

/// The filter reads a text before the server does, and lets pass what it has read. Random texts and
/// settings show whether both read the same: the statements that the filter found must be those
/// that the server answers, with the answers of a PostgreSQL that nobody has set anything in.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;

constexpr int texts_each = 50;

/// For how long: two seconds, or NIMBUS_READING_SECONDS.
std::chrono::seconds duration()
{
    const char* given = std::getenv("NIMBUS_READING_SECONDS");
    return std::chrono::seconds{given ? parse_number<int>(given).value_or(0) : 2};
}

/// The first round's; NIMBUS_READING_SEED repeats the one that has failed.
unsigned first_seed()
{
    const char* given = std::getenv("NIMBUS_READING_SEED");
    return given ? parse_number<unsigned>(given).value_or(1) : 1;
}

/// What may change how the server reads texts, or what it finds by a name. Some are allowed.
constexpr std::array levers = {
    "SET standard_conforming_strings = off",
    "SET standard_conforming_strings TO DEFAULT",
    "SET SESSION backslash_quote = on",
    "SET escape_string_warning = off",
    "SET client_encoding = 'SJIS'",
    "SET client_encoding = 'UTF8'",
    "SET NAMES 'BIG5'",
    "SET search_path = pg_temp, public",
    "SET quote_all_identifiers = on",
    "SET transform_null_equals = on",
    "RESET ALL",
    "SELECT set_config('standard_conforming_strings', 'off', false)",
    "SELECT pg_catalog.set_config('standard_' || 'conforming_strings', 'off', true)",
    "SELECT set_config('search_path', 'public', false)",
    "UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'",
    "UPDATE reading_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'",
    "ALTER ROLE admin SET standard_conforming_strings = off",
    "ALTER DATABASE postgres SET standard_conforming_strings = off",
    "BEGIN",
    "COMMIT",
};

/// What DSQL refuses, to be smuggled past the filter in a string, a name or a comment.
constexpr const char* smuggled = "CREATE MATERIALIZED VIEW smuggled AS SELECT 1";

/// Texts of SELECTs, whose literals hold what ends literals of another kind, or in another setting.
class Texts {
public:
    explicit Texts(unsigned seed) : random_(seed) {}

    std::string next()
    {
        std::string text;
        for (auto statements = below(4) + 1; statements > 0; --statements)
            text += statement() + (chance(95) ? ";" : "");
        return chance(75) ? text : damaged(std::move(text));
    }

    const char* lever() { return pick(levers); }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    bool chance(unsigned percent) { return below(100) < percent; }
    template <typename Range>
    const char* pick(const Range& range)
    {
        return range[below(static_cast<unsigned>(std::size(range)))];
    }

    std::string statement()
    {
        if (chance(5))
            return smuggled;
        auto text = blank() + "SELECT " + literal();
        while (chance(30))
            text += "," + blank() + literal();
        return text + blank();
    }

    std::string literal()
    {
        static constexpr std::array ends = {"'", "'", "'", "$$", "$a$", "\""};
        const std::string end = pick(ends);
        if (end == "\"")
            return "1 AS \"" + content("\"\"") + "\"";
        if (end != "'")
            return end + content("") + end;
        static constexpr std::array prefixes = {"", "", "", "E", "e", "U&", "u&", "N"};
        return pick(prefixes) + end + content("''") + end + (chance(10) ? " UESCAPE '!'" : "");
    }

    std::string content(const char* escaped_end)
    {
        static constexpr std::array pieces = {"\\",    "\\\\",  "\\'", "\\\"",   "--",    "/*",
                                              "*/",    ";",     "\n",  "x",      " ",     "é",
                                              "漢",    "$",     "$$",  "\\0041", "!0041", "\\u00e9",
                                              "\\x5c", "\\134", "' ",  "\\';"};
        std::string text;
        for (auto count = below(6); count > 0; --count) {
            const auto kind = below(10);
            if (kind == 0)
                text += ";" + std::string(smuggled) + ";--";
            else
                text += kind == 1 ? escaped_end : pick(pieces);
        }
        return text;
    }

    std::string blank()
    {
        static constexpr std::array blanks = {
            " ",      " ",      " ",       "\n", "\t", "/* ' */", "/* /* ; */ ' */",
            "-- '\n", "--\\\n", "/* $$ */"};
        return pick(blanks);
    }

    /// Anything may be left open.
    std::string damaged(std::string text)
    {
        static constexpr std::array pieces = {"'",  "\"", "\\", "$$", "/*",
                                              "*/", "--", ";",  "E'", "("};
        const auto place = below(static_cast<unsigned>(text.size()));
        return chance(50) ? text.erase(place, 1) : text.insert(place, pick(pieces));
    }

    std::mt19937 random_;
};

/// A result each: rows, a tag, or the SQLSTATE of an error.
std::vector<std::string> answers(Connection& connection, const std::string& text)
{
    std::vector<std::string> all;
    PQsendQuery(connection.get(), text.c_str());
    while (PGresult* result = PQgetResult(connection.get())) {
        const bool is_error = PQresultStatus(result) == PGRES_FATAL_ERROR;
        const bool is_empty = PQresultStatus(result) == PGRES_EMPTY_QUERY;
        const auto answer = Connection::text_of(result);
        if (!is_empty)
            all.push_back(is_error ? "error " + answer.substr(0, 5) : answer);
    }
    return all;
}

bool is_error(const std::string& answer)
{
    return answer.starts_with("error ");
}

/// libpg_query takes comments for tokens, so to it a string does not go on behind one:
/// 'a' -- comment
/// 'b'
/// It refuses what the server reads, which is a difference, but lets nothing pass.
bool is_comment_in_string(const Refusal& refusal)
{
    return refusal.message.starts_with("syntax error at or near \"'");
}

class DsqlReading : public DsqlSession {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        admin().run("CREATE VIEW reading_settings AS SELECT * FROM pg_settings");
        plain_.emplace(
            quiet(Connection("host=" + shared_->postgres.socket().parent_path().string() +
                             " user=nimbus dbname=postgres")));
        ASSERT_TRUE(plain_->ok()) << plain_->error();
    }
    void TearDown() override
    {
        if (!IsSkipped())
            admin().run("DROP VIEW reading_settings");
    }

    /// Without what the texts make the server warn of.
    Connection quiet(Connection connection)
    {
        PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
        return connection;
    }

    /// A PostgreSQL that nothing stands before, and where nothing stays.
    std::vector<std::string> plain_answers(const std::string& text)
    {
        plain_->run("BEGIN");
        auto all = answers(*plain_, text);
        plain_->run("ROLLBACK");
        return all;
    }

    void round(unsigned seed)
    {
        SCOPED_TRACE("NIMBUS_READING_SEED=" + std::to_string(seed));
        Texts texts(seed);
        auto connection = quiet(admin());
        for (int i = 0; i < texts_each && !HasFailure(); ++i) {
            const std::string lever = texts.lever();
            connection.run(lever);
            const auto text = texts.next();
            SCOPED_TRACE("after " + lever + ": " + text);
            compare(connection, text);
            // A block that has failed, or one that the lever has begun, is not what is tried here.
            connection.run("ROLLBACK");
            if (!connection.ok())
                connection = quiet(admin());
        }
        EXPECT_EQ(plain_->run("SELECT count(*) FROM pg_class WHERE relname = 'smuggled'"), "0");
    }

    void compare(Connection& connection, const std::string& text)
    {
        const auto script = read_script(text);
        const auto seen = answers(connection, text);
        const auto plain = plain_answers(text);
        const auto refused =
            std::ranges::find_if(script.statements, [](const Statement& statement) {
                return statement.refusal.has_value();
            });
        if (script.refusal || refused != script.statements.end()) {
            ++refused_;
            ASSERT_FALSE(seen.empty());
            EXPECT_TRUE(is_error(seen.back())) << seen.back();
            if (script.refusal && script.refusal->sqlstate == "42601" &&
                !is_comment_in_string(*script.refusal)) {
                EXPECT_TRUE(plain.size() == 1 && is_error(plain.front()))
                    << script.refusal->message << ", but the server reads: " << join(plain, " / ");
            }
            return;
        }
        ++read_;
        EXPECT_EQ(seen, plain);
        if (plain.empty() || !is_error(plain.back())) {
            EXPECT_EQ(script.statements.size(), plain.size());
        }
    }

    std::optional<Connection> plain_;
    int read_ = 0;
    int refused_ = 0;
};

TEST_F(DsqlReading, TheServerReadsWhatTheFilterHasRead)
{
    const auto until = Deadline::after(duration());
    auto seed = first_seed();
    do
        round(seed++);
    while (!until.reached() && !HasFailure());
    EXPECT_GT(read_, 0);
    EXPECT_GT(refused_, 0);
    std::cout << read_ << " texts were read alike, " << refused_ << " refused in "
              << seed - first_seed() << " rounds\n";
}

} // namespace
} // namespace nimbus::local::dsql
