#include "local/dsql/conversation.h"
#include "local/dsql/fake_backstage.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

/// Bytes as what they mean: "Q(SELECT 1) S()".
std::string described(std::string_view bytes)
{
    std::string text;
    while (const auto message = pgwire::first_message(bytes, 1 << 24)) {
        text += text.empty() ? "" : " ";
        text += message->type;
        auto body = message->body;
        if (message->type == 'P')
            body = pgwire::parse_body(body).text;
        else if (body.ends_with('\0'))
            body.remove_suffix(1);
        if (message->type == 'E' && body.starts_with('S'))
            text += '(' + pgwire::error_fields(message->body).sqlstate + ')';
        else if (message->type == 'Q' || message->type == 'P' || message->type == 'C')
            text += '(' + std::string(body) + ')';
        bytes.remove_prefix(message->size());
    }
    return text + std::string(bytes.size(), '?');
}

class ConversationTest : public testing::Test {
protected:
    std::string client(const std::string& bytes)
    {
        Outgoing out;
        EXPECT_EQ(conversation_.from_client(bytes, out), bytes.size());
        return described(out.bytes());
    }
    /// What the client gets, and behind " / " what the server gets in turn.
    std::string server(const std::string& bytes)
    {
        Outgoing to_client;
        Outgoing to_server;
        EXPECT_EQ(conversation_.from_server(bytes, to_client, to_server), bytes.size());
        const auto answer = described(to_server.bytes());
        return described(to_client.bytes()) + (answer.empty() ? "" : " / " + answer);
    }

    /// What the server gets when something is to be done with it.
    std::string work()
    {
        Outgoing to_server;
        EXPECT_TRUE(conversation_.has_work());
        conversation_.work(to_server);
        return described(to_server.bytes());
    }

    /// The answers to what is sent for a BEGIN that is a query.
    static std::string begun()
    {
        return complete("BEGIN") + complete("SET") + say([](auto& writer) {
                   writer.row_description({});
                   writer.data_row({});
               }) +
               complete("SELECT 1") + complete("SAVEPOINT") +
               ready(pgwire::TransactionStatus::in_block);
    }
    void begin()
    {
        client(query("BEGIN"));
        EXPECT_EQ(server(begun()), "C(BEGIN) Z");
    }

    static std::string query(std::string_view text)
    {
        pgwire::FrontendWriter writer;
        writer.query(text);
        return writer.release();
    }
    static std::string say(auto write)
    {
        pgwire::BackendWriter writer;
        write(writer);
        return writer.release();
    }
    static std::string complete(std::string_view tag)
    {
        return say([&](auto& writer) { writer.command_complete(tag); });
    }
    static std::string ready(pgwire::TransactionStatus status = pgwire::TransactionStatus::idle)
    {
        return say([&](auto& writer) { writer.ready_for_query(status); });
    }
    static std::string failure(const std::string& code, const std::string& message)
    {
        return say([&](auto& writer) { writer.error({.sqlstate = code, .message = message}); });
    }
    static std::string bare(char type) { return std::string{type, '\0', '\0', '\0', '\4'}; }
    /// A batch of one statement that is prepared already, without its Sync.
    static std::string bound(std::string_view statement)
    {
        pgwire::FrontendWriter writer;
        writer.bind(statement, {});
        writer.execute();
        return writer.release();
    }
    void prepare(std::string_view name, std::string_view text)
    {
        pgwire::FrontendWriter writer;
        writer.parse(name, text);
        writer.sync();
        client(writer.bytes());
        server(bare('1') + ready());
    }

    FakeBackstage backstage_;
    Conversation conversation_{
        {.iam_statement = [](const IamChange& change) -> std::expected<std::string, Refusal> {
             if (change.role == "nobody")
                 return std::unexpected(Refusal{.sqlstate = "42704", .message = "no"});
             return "CALL it";
         },
         .backstage = &backstage_}};
};

TEST_F(ConversationTest, WhatIsTheSameIsNotCopied)
{
    const auto bytes = query("SELECT 1") + query("SELECT 2");
    Outgoing out;
    EXPECT_EQ(conversation_.from_client(bytes, out), bytes.size());
    EXPECT_EQ(out.bytes().data(), bytes.data());
    EXPECT_EQ(out.bytes().size(), bytes.size());
    EXPECT_TRUE(conversation_.busy());
}

TEST_F(ConversationTest, MessagesAreTakenWhole)
{
    const auto bytes = query("SELECT 1");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Outgoing out;
        EXPECT_EQ(conversation_.from_client(std::string_view(bytes).substr(0, size), out), 0U);
        EXPECT_TRUE(out.empty());
    }
}

TEST_F(ConversationTest, RowsGoThroughInPieces)
{
    const auto row = say([](auto& writer) { writer.data_row({"0123456789"}); });
    for (std::size_t cut = 5; cut < row.size(); ++cut) {
        Outgoing first;
        Outgoing second;
        Outgoing none;
        EXPECT_EQ(conversation_.from_server(std::string_view(row).substr(0, cut), first, none),
                  cut);
        EXPECT_EQ(conversation_.from_server(std::string_view(row).substr(cut), second, none),
                  row.size() - cut);
        EXPECT_EQ(std::string(first.bytes()) + std::string(second.bytes()), row);
    }
}

TEST_F(ConversationTest, RefusalsFailInTheirPlace)
{
    EXPECT_EQ(client(query("SELECT 1; TRUNCATE t")), "Q(SELECT 1;SELECT nimbus_refusal_1)");
    EXPECT_EQ(server(complete("SELECT 1")), "C(SELECT 1)");
    EXPECT_EQ(server(failure("42703", "column \"nimbus_refusal_1\" does not exist")), "E(0A000)");
    EXPECT_EQ(server(ready()), "Z");
    EXPECT_FALSE(conversation_.busy());
    // Nobody can ask for one that is over.
    EXPECT_EQ(server(failure("42703", "column \"nimbus_refusal_1\" does not exist")), "E(42703)");
}

TEST_F(ConversationTest, APreparedStatementIsOne)
{
    pgwire::FrontendWriter writer;
    writer.parse("", "SELECT 1; SELECT 2");
    EXPECT_EQ(client(writer.bytes()), "P(SELECT nimbus_refusal_1)");
}

TEST_F(ConversationTest, PostgreSqlsConflictsAreDsqls)
{
    EXPECT_EQ(server(failure("40001", "could not serialize access")), "E(40001)");
    EXPECT_EQ(server(failure("40P01", "deadlock detected")), "E(40001)");
    EXPECT_EQ(server(failure("55P03", "canceling statement due to lock timeout")), "E(40001)");
    EXPECT_EQ(server(failure("XX000", "tuple concurrently updated")), "E(40001)");
    EXPECT_EQ(server(failure("23505", "duplicate key")), "E(23505)");
}

TEST_F(ConversationTest, IamStatementsDependOnWhoAsks)
{
    EXPECT_EQ(client(query("AWS IAM GRANT a TO 'b'")), "Q(CALL it)");
    EXPECT_EQ(server(say([](auto& writer) {
                  writer.notice({.sqlstate = "NB000", .message = "AWS IAM GRANT"});
              })),
              "");
    EXPECT_EQ(server(complete("CALL")), "C(AWS IAM GRANT)");
    EXPECT_EQ(server(complete("CALL")), "C(CALL)");
    EXPECT_EQ(client(query("AWS IAM REVOKE nobody FROM 'b'")), "Q(SELECT nimbus_refusal_1)");
}

TEST_F(ConversationTest, ChangesAreCountedBeforeTheyAreCommitted)
{
    EXPECT_EQ(client(query("DELETE FROM t")), "P(DELETE FROM t) B D E C(S) H");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(bare('1') + bare('2') + bare('n') + complete("DELETE 3000")), "");
    EXPECT_EQ(server(bare('3')), " / S");
    EXPECT_FALSE(conversation_.client_waits());
    EXPECT_EQ(server(ready()), "C(DELETE 3000) Z");

    client(query("DELETE FROM t"));
    server(bare('1') + bare('2') + bare('n') + complete("DELETE 3000") + bare('3'));
    EXPECT_EQ(server(failure("54000", "transaction size limit 10mb exceeded") + ready()),
              "E(54000) Z")
        << "what is not committed is not complete";

    const auto cascaded = say([](auto& writer) {
        writer.notice({.severity = "NOTICE", .sqlstate = "NB002", .message = "a row"});
    });
    client(query("DELETE FROM t"));
    EXPECT_EQ(
        server(bare('1') + bare('2') + bare('n') + cascaded + complete("DELETE 3000") + bare('3')),
        " / P(SELECT nimbus_refusal_1) S");
    server(failure("42703", "column \"nimbus_refusal_1\" does not exist") + ready());

    client(query("DELETE FROM t"));
    EXPECT_EQ(server(bare('1') + bare('2') + bare('n') + complete("DELETE 3001") + bare('3')),
              " / P(SELECT nimbus_refusal_2) S");
    EXPECT_EQ(server(failure("42703", "column \"nimbus_refusal_2\" does not exist") + ready()),
              "E(54000) Z");

    client(query("DELETE FROM nothing"));
    EXPECT_EQ(server(failure("42P01", "relation does not exist")), "E(42P01) / S");
    EXPECT_EQ(server(ready()), "Z");
}

TEST_F(ConversationTest, APlanIsHeldUntilItIsComplete)
{
    const auto row = say([](auto& writer) { writer.data_row({"Seq Scan on t"}); });
    const auto columns =
        say([](auto& writer) { writer.row_description({{.name = "QUERY PLAN"}}); });
    EXPECT_EQ(client(query("EXPLAIN SELECT * FROM t")), "Q(EXPLAIN SELECT * FROM t)");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(columns + row + complete("EXPLAIN")), "T");
    EXPECT_EQ(server(ready()), "D D D C(EXPLAIN) Z");
    EXPECT_FALSE(conversation_.busy());

    EXPECT_EQ(client(query("EXPLAIN SELECT * FROM missing")), "Q(EXPLAIN SELECT * FROM missing)");
    EXPECT_EQ(server(failure("42P01", "relation does not exist") + ready()), "E(42P01) Z");
    EXPECT_FALSE(conversation_.client_waits());

    EXPECT_EQ(client(query("EXPLAIN (FORMAT JSON) SELECT * FROM t")),
              "Q(EXPLAIN (FORMAT JSON) SELECT * FROM t)");
    EXPECT_EQ(server(columns + row + complete("EXPLAIN") + ready()), "T D C(EXPLAIN) Z");
}

TEST_F(ConversationTest, OnlyTheExplainOfABatchIsAPlan)
{
    const auto row = say([](auto& writer) { writer.data_row({"Seq Scan on t"}); });
    prepare("plan", "EXPLAIN SELECT * FROM t");
    prepare("other", "SELECT a FROM b");
    EXPECT_EQ(client(bound("other") + bound("plan")), "B E B E C(Snimbus_barrier) H");
    EXPECT_EQ(server(bare('2') + row + complete("SELECT 1")), "2 D C(SELECT 1)");
    EXPECT_EQ(server(bare('2') + row + complete("EXPLAIN")), "2");
    EXPECT_EQ(server(bare('3')), "D D D C(EXPLAIN)");
    EXPECT_FALSE(conversation_.client_waits());
}

TEST_F(ConversationTest, APlanThatIsAskedForInPartsStays)
{
    const auto row = say([](auto& writer) { writer.data_row({"Seq Scan on t"}); });
    prepare("plan", "EXPLAIN SELECT * FROM t");
    pgwire::FrontendWriter writer;
    writer.bind("plan", {});
    auto batch = writer.release();
    batch += {'E', '\0', '\0', '\0', '\x9', '\0', '\0', '\0', '\0', '\1'};
    writer = {};
    writer.execute();
    batch += writer.bytes();
    EXPECT_EQ(client(batch), "B E E");
    EXPECT_EQ(server(bare('2') + row + bare('s') + row + complete("EXPLAIN")),
              "2 D s D C(EXPLAIN)");
}

TEST_F(ConversationTest, CountingWaitsForItsTurnInAPipeline)
{
    pgwire::FrontendWriter batch;
    batch.parse("", "SELECT 1");
    batch.bind("", {});
    batch.execute();
    batch.sync();
    batch.parse("", "UPDATE t SET a = 1");
    batch.bind("", {});
    batch.execute();
    const auto first = batch.bytes();
    EXPECT_EQ(client(first), "P(SELECT 1) B E S P(UPDATE t SET a = 1) B E C(Snimbus_barrier) H");
    // The first batch's completion is not the one that is waited for.
    EXPECT_EQ(server(bare('1') + bare('2') + complete("SELECT 1") + ready()), "1 2 C(SELECT 1) Z");
    EXPECT_EQ(server(bare('1') + bare('2') + complete("UPDATE 5")), "1 2");
    EXPECT_EQ(server(bare('3')), "C(UPDATE 5)");
    EXPECT_FALSE(conversation_.client_waits());
}

TEST_F(ConversationTest, AQueryGoesOnWithTheBatchBeforeIt)
{
    prepare("d", "DELETE FROM t");
    EXPECT_EQ(client(bound("d")), "B E C(Snimbus_barrier) H");
    EXPECT_EQ(server(bare('2') + complete("DELETE 1") + bare('3')), "2 C(DELETE 1)");
    EXPECT_EQ(client(bare('H') + query("UPDATE t SET a = 1")),
              "H P(UPDATE t SET a = 1) B D E C(S) H");
    EXPECT_EQ(server(bare('1') + bare('2') + bare('n') + complete("UPDATE 1") + bare('3')), " / S");
    EXPECT_EQ(server(ready()), "C(UPDATE 1) Z");
    EXPECT_FALSE(conversation_.client_waits());
}

TEST_F(ConversationTest, AQueryWaitsForTheBatchBeforeIt)
{
    prepare("s", "SELECT 1");
    const auto batch = bound("s");
    const auto both = batch + query("SELECT 2");
    Outgoing out;
    EXPECT_EQ(conversation_.from_client(both, out), batch.size());
    EXPECT_EQ(described(out.bytes()), "B E C(Snimbus_barrier) H");
    EXPECT_EQ(server(bare('2') + complete("SELECT 1") + bare('3')), "2 C(SELECT 1)");
    EXPECT_EQ(client(query("SELECT 2")), "Q(SELECT 2)");
    EXPECT_EQ(server(complete("SELECT 1") + ready()), "C(SELECT 1) Z");

    // What has failed leaves it out.
    EXPECT_EQ(conversation_.from_client(both, out), batch.size());
    EXPECT_EQ(server(bare('2') + failure("22012", "division by zero")), "2 E(22012)");
    EXPECT_EQ(client(query("SELECT 2") + bare('S')), "S");
    EXPECT_EQ(server(ready()), "Z");
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, ABlockBeginsWithItsSnapshot)
{
    EXPECT_EQ(client(query("BEGIN")),
              "Q(BEGIN\n;SET LOCAL lock_timeout = 10;SELECT;SAVEPOINT nimbus_begin)");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(begun()), "C(BEGIN) Z");
    EXPECT_FALSE(conversation_.client_waits());
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, ABlockBeginsWithThatInTheExtendedProtocolToo)
{
    prepare("b", "BEGIN");
    const std::string all =
        "B E C(Snimbus_barrier) "
        "P(SET LOCAL lock_timeout = 10) B E C(Pnimbus_barrier) C(Snimbus_barrier) "
        "P(SELECT) B E C(Pnimbus_barrier) C(Snimbus_barrier) "
        "P(SAVEPOINT nimbus_begin) B E C(Pnimbus_barrier) C(Snimbus_barrier)";
    const auto closed = bare('3') + bare('3');
    const auto row = say([](auto& writer) { writer.data_row({}); });
    const auto answers = bare('2') + complete("BEGIN") + bare('3') + bare('1') + bare('2') +
                         complete("SET") + closed + bare('1') + bare('2') + row +
                         complete("SELECT 1") + closed + bare('1') + bare('2') +
                         complete("SAVEPOINT") + closed;

    EXPECT_EQ(client(bound("b") + bare('S')), all + " S");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(answers + ready(pgwire::TransactionStatus::in_block)), "2 C(BEGIN) Z");
    EXPECT_FALSE(conversation_.client_waits());

    client(query("ROLLBACK"));
    server(complete("ROLLBACK") + ready());
    // The Sync is not there yet.
    EXPECT_EQ(client(bound("b")), all + " H");
    EXPECT_EQ(server(answers), "2 C(BEGIN)");
    EXPECT_FALSE(conversation_.client_waits());
    EXPECT_EQ(client(bare('S')), "S");
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::in_block)), "Z");
}

TEST_F(ConversationTest, ABlockThatDoesNotBeginIsNone)
{
    prepare("b", "BEGIN");
    client(bound("b") + bare('S'));
    EXPECT_EQ(server(failure("08P01", "bind message supplies 0 parameters") + ready()),
              "E(08P01) Z");
    EXPECT_FALSE(conversation_.client_waits());
    // Outside of a block there is nothing to undo it to.
    EXPECT_EQ(client(query("UPDATE t SET a = 1")), "P(UPDATE t SET a = 1) B D E C(S) H");
}

TEST_F(ConversationTest, TheStatementsBehindABeginFollowWhenItIsAnswered)
{
    client(query("BEGIN;UPDATE t SET a = 1;SELECT 1"));
    EXPECT_EQ(server(begun()), "C(BEGIN) / P(UPDATE t SET a = 1) B D E C(S) H");
    EXPECT_EQ(server(bare('1') + bare('2') + bare('n') + complete("UPDATE 1") + bare('3')),
              "C(UPDATE 1) / Q(SELECT 1)");
    EXPECT_EQ(server(complete("SELECT 1") + ready(pgwire::TransactionStatus::in_block)),
              "C(SELECT 1) Z");
}

TEST_F(ConversationTest, InABlockAChangeAndItsEndAreOneTrip)
{
    begin();
    EXPECT_EQ(client(query("UPDATE t SET a = 1")), "Q(UPDATE t SET a = 1)");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(complete("UPDATE 1") + ready(pgwire::TransactionStatus::in_block)),
              "C(UPDATE 1) Z");
    EXPECT_FALSE(conversation_.client_waits());
}

TEST_F(ConversationTest, InABlockAChangeAndItsSyncAreOneTrip)
{
    prepare("u", "UPDATE t SET a = 1");
    begin();
    EXPECT_EQ(client(bound("u") + bare('S')), "B E S");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(bare('2') + complete("UPDATE 1") + ready(pgwire::TransactionStatus::in_block)),
              "2 C(UPDATE 1) Z");
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, InABlockTooManyRowsFailBehindTheirSync)
{
    begin();
    client(query("UPDATE t SET a = 1"));
    EXPECT_EQ(server(complete("UPDATE 3001") + ready(pgwire::TransactionStatus::in_block)),
              " / P(SELECT nimbus_refusal_1) S");
    EXPECT_EQ(server(failure("42703", "column \"nimbus_refusal_1\" does not exist") +
                     ready(pgwire::TransactionStatus::failed)),
              "E(54000) Z");
}

TEST_F(ConversationTest, AnErrorInABlockComesWithItsEnd)
{
    begin();
    client(query("UPDATE t SET a = 1 / 0"));
    EXPECT_EQ(server(failure("22012", "division by zero")), "E(22012)");
    EXPECT_TRUE(conversation_.client_waits());
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::failed)), "Z");
    EXPECT_FALSE(conversation_.client_waits());
}

TEST_F(ConversationTest, WhatMeetsSomebodyIsDoneAgainOnCopies)
{
    begin();
    EXPECT_EQ(client(query("UPDATE t SET a = 1 RETURNING a")), "Q(UPDATE t SET a = 1 RETURNING a)");
    const auto row = say([](auto& writer) { writer.data_row({"1"}); });
    const auto columns = say([](auto& writer) { writer.row_description({{"a"}}); });
    EXPECT_EQ(server(columns + row), "T");
    EXPECT_EQ(server(failure("40001", "could not serialize access")), "");
    EXPECT_FALSE(conversation_.has_work());
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::failed)), "");
    backstage_.answer(R"({"copies":["pg_temp.t"]})");
    EXPECT_EQ(work(), "P(UPDATE pg_temp.t AS \"t\" SET a = 1 RETURNING a) B E "
                      "C(S) H");
    EXPECT_THAT(backstage_.statements(),
                testing::IsSupersetOf({"(Sync)", "ROLLBACK TO SAVEPOINT nimbus_begin"}));
    EXPECT_EQ(server(bare('1') + bare('2') + row + complete("UPDATE 1") + bare('3')),
              "D C(UPDATE 1) / S");
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::in_block)), "Z");
}

TEST_F(ConversationTest, WhatWasCancelledForSomebodyElseIsDoneAgain)
{
    begin();
    client(query("UPDATE t SET a = 1"));
    const auto cancelled = failure("57014", "canceling statement due to user request");
    EXPECT_EQ(server(cancelled), "E(57014)") << "by the client itself";
    server(ready(pgwire::TransactionStatus::failed));
    client(query("ROLLBACK"));
    server(complete("ROLLBACK") + ready());
    begin();
    client(query("UPDATE t SET a = 1"));
    backstage_.cancel();
    EXPECT_EQ(server(cancelled + ready(pgwire::TransactionStatus::failed)), "");
    backstage_.answer(R"({"copies":["pg_temp.t"]})");
    EXPECT_EQ(work(), "P(UPDATE pg_temp.t AS \"t\" SET a = 1) B D E C(S) H");
}

TEST_F(ConversationTest, RelationsThatATransactionChangedAreToldWhenItIsCommitted)
{
    const auto changed = say([](auto& writer) {
        writer.notice({.severity = "NOTICE", .sqlstate = "NB001", .message = "16400 16401"});
    });
    client(query("ALTER TABLE t ADD COLUMN a int"));
    EXPECT_EQ(server(changed + complete("ALTER TABLE")), "C(ALTER TABLE)");
    EXPECT_THAT(backstage_.left(), testing::IsEmpty());
    server(ready());
    EXPECT_THAT(backstage_.left(), testing::ElementsAre(16400, 16401));
    client(query("ALTER TABLE t ADD COLUMN b int"));
    server(changed + failure("42701", "column \"b\" of relation \"t\" already exists") + ready());
    EXPECT_EQ(backstage_.times_left(), 1);
}

TEST_F(ConversationTest, WhatIsDoneAgainHasItsSyncAgain)
{
    prepare("u", "UPDATE t SET a = 1");
    begin();
    client(bound("u") + bare('S'));
    EXPECT_EQ(server(bare('2') + failure("40001", "could not serialize access") +
                     ready(pgwire::TransactionStatus::failed)),
              "2");
    backstage_.answer(R"({"copies":["pg_temp.t"]})");
    EXPECT_EQ(work(), "P(UPDATE pg_temp.t AS \"t\" SET a = 1) C(P) B E C(Snimbus_barrier) H");
    EXPECT_EQ(server(bare('1') + bare('3') + bare('2') + complete("UPDATE 1") + bare('3')),
              "C(UPDATE 1) / S");
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::in_block)), "Z");
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, RowsOfAnEarlierStatementOfTheBatchComeBeforeItsCompletion)
{
    prepare("s", "SELECT 1");
    prepare("u", "UPDATE t SET a = 1");
    begin();
    // What the first one did would be undone with the second one: that waits for a savepoint.
    EXPECT_EQ(client(bound("s") + bound("u")), "B E B C(Snimbus_barrier) H");
    const auto row = say([](auto& writer) { writer.data_row({"1"}); });
    EXPECT_EQ(server(bare('2') + row + complete("SELECT 1") + bare('2') + bare('3')),
              "2 D C(SELECT 1) 2");
    EXPECT_EQ(work(), "E C(Snimbus_barrier) H");
    EXPECT_EQ(backstage_.statements().back(), "SAVEPOINT nimbus");
    EXPECT_EQ(server(complete("UPDATE 1") + bare('3')), "C(UPDATE 1)");
    EXPECT_EQ(client(bare('S')), "S");
    EXPECT_EQ(server(ready(pgwire::TransactionStatus::in_block)), "Z");
}

TEST_F(ConversationTest, ALostBlockFailsAtCommit)
{
    begin();
    backstage_.lose(Loss::schema);
    conversation_.has_to_make_way();
    EXPECT_EQ(work(), "");
    EXPECT_EQ(backstage_.statements().back(), "ROLLBACK TO SAVEPOINT nimbus_begin");
    EXPECT_EQ(client(query("COMMIT")), "");
    EXPECT_EQ(work(), "Q(SELECT nimbus_refusal_1)");
    EXPECT_EQ(backstage_.statements().back(), "ROLLBACK");
}

TEST_F(ConversationTest, ProtocolViolationsEndTheSession)
{
    Outgoing out;
    EXPECT_THROW(conversation_.from_client(bare('?'), out), pgwire::Malformed);
    EXPECT_THROW(conversation_.from_client(std::string_view("Q\x01\0\0\0", 5), out),
                 pgwire::Malformed);
    EXPECT_EQ(client(bare('F')), "Q(SELECT nimbus_refusal_1)");
    EXPECT_EQ(client(bare('X')), "X");
    EXPECT_TRUE(conversation_.terminated());
}

TEST_F(ConversationTest, TheServerReadsTextsAsTheDialectDoes)
{
    const auto report = [](std::string_view name, std::string_view value) {
        return say([&](auto& writer) { writer.parameter_status(name, value); });
    };
    server(report("standard_conforming_strings", "on"));
    server(report("client_encoding", "UTF8"));
    server(report("TimeZone", "UTC"));
    EXPECT_THROW(server(report("standard_conforming_strings", "off")), ReadsDiffer);
    EXPECT_THROW(server(report("client_encoding", "SJIS")), ReadsDiffer);
}

} // namespace
} // namespace nimbus::local::dsql
