#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <gmock/gmock.h>

namespace nimbus::pgwire {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::size_t any_size = 1 << 20;

Message only_message(const std::string& bytes)
{
    const auto message = first_message(bytes, any_size);
    EXPECT_TRUE(message);
    EXPECT_EQ(message->size(), bytes.size());
    return *message;
}

TEST(Pgwire, MessagesAreFoundOneAfterTheOther)
{
    FrontendWriter writer;
    writer.query("SELECT 1");
    writer.sync();
    std::string_view rest = writer.bytes();
    const auto query = first_message(rest, any_size);
    ASSERT_TRUE(query);
    EXPECT_EQ(query->type, 'Q');
    EXPECT_EQ(query->body, std::string_view("SELECT 1\0", 9));
    rest.remove_prefix(query->size());
    EXPECT_EQ(first_message(rest, any_size)->type, 'S');
}

TEST(Pgwire, AMessageIsThereOnlyInFull)
{
    FrontendWriter writer;
    writer.parse("name", "SELECT $1");
    const auto& bytes = writer.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(first_message(std::string_view(bytes).substr(0, size), any_size)) << size;
}

TEST(Pgwire, LengthsHaveLimits)
{
    EXPECT_THROW(first_message(std::string_view("Q\0\0\0\3", 5), any_size), Malformed);
    EXPECT_THROW(first_message(std::string_view("Q\0\0\1\0", 5), 256), Malformed);
    EXPECT_FALSE(first_message(std::string_view("Q\0\0\0\xff", 5), 256));
    EXPECT_THROW(first_message(std::string_view("Q\xff\xff\xff\xff", 5), any_size), Malformed);
    EXPECT_THROW(first_startup_packet(std::string_view("\0\0\0\7\0\0\0\0", 8), 100), Malformed);
    EXPECT_THROW(first_startup_packet(std::string_view("\0\0\0\x65\0\0\0\0", 8), 100), Malformed);
}

TEST(Pgwire, StartupPacketsRoundTrip)
{
    FrontendWriter writer;
    writer.startup(std::vector<std::pair<std::string_view, std::string_view>>{
        {"user", "admin"}, {"database", "postgres"}, {"options", ""}});
    const auto& bytes = writer.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(first_startup_packet(std::string_view(bytes).substr(0, size), any_size));
    const auto packet = first_startup_packet(bytes, any_size);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->size(), bytes.size());
    EXPECT_EQ(packet->code, protocol_3_0);
    EXPECT_THAT(
        startup_parameters(packet->body),
        ElementsAre(Pair("user", "admin"), Pair("database", "postgres"), Pair("options", "")));
    EXPECT_THROW(startup_parameters("user"), Malformed);
    EXPECT_THROW(startup_parameters(std::string_view("user\0x\0", 7)), Malformed);
    EXPECT_THROW(startup_parameters(std::string_view("\0more", 5)), Malformed);
}

TEST(Pgwire, RequestsBeforeStartupAreToldByTheirCode)
{
    FrontendWriter ssl;
    ssl.ssl_request();
    EXPECT_EQ(first_startup_packet(ssl.bytes(), 100)->code, ssl_request_code);
    FrontendWriter cancel;
    cancel.cancel_request(7, 0xfedcba98);
    const auto packet = first_startup_packet(cancel.bytes(), 100);
    EXPECT_EQ(packet->code, cancel_request_code);
    EXPECT_EQ(cancel_key(packet->body).process_id, 7U);
    EXPECT_EQ(cancel_key(packet->body).secret_key, 0xfedcba98);
}

TEST(Pgwire, AClientsMessagesRoundTrip)
{
    FrontendWriter parse;
    parse.parse("s1", "SELECT $1");
    const auto parsed = parse_body(only_message(parse.bytes()).body);
    EXPECT_EQ(parsed.statement, "s1");
    EXPECT_EQ(parsed.text, "SELECT $1");
    EXPECT_EQ(parsed.types, std::string_view("\0\0", 2));

    FrontendWriter bind;
    bind.bind("s1", std::vector<std::optional<std::string>>{"a", std::nullopt});
    const auto bound = bind_body(only_message(bind.bytes()).body);
    EXPECT_EQ(bound.portal, "");
    EXPECT_EQ(bound.statement, "s1");

    FrontendWriter close;
    close.close_statement("s1");
    const auto closed = named_body(only_message(close.bytes()).body);
    EXPECT_EQ(closed.kind, Named::statement);
    EXPECT_EQ(closed.name, "s1");

    FrontendWriter copy;
    copy.copy_data(std::string_view("1\t\0", 3));
    const auto rows = only_message(copy.bytes());
    EXPECT_EQ(rows.type, frontend::copy_data);
    EXPECT_EQ(rows.body, std::string_view("1\t\0", 3));
    FrontendWriter end;
    end.copy_done();
    EXPECT_EQ(only_message(end.bytes()).type, frontend::copy_done);
}

TEST(Pgwire, ErrorsRoundTrip)
{
    BackendWriter writer;
    writer.error({.severity = "FATAL",
                  .sqlstate = "28000",
                  .message = "no",
                  .detail = "because",
                  .hint = "try",
                  .position = "7",
                  .where = "there",
                  .table = "t",
                  .column = "c",
                  .constraint = "k"});
    const auto fields = error_fields(only_message(writer.bytes()).body);
    EXPECT_EQ(fields.severity, "FATAL");
    EXPECT_EQ(fields.sqlstate, "28000");
    EXPECT_EQ(fields.message, "no");
    EXPECT_EQ(fields.detail, "because");
    EXPECT_EQ(fields.hint, "try");
    EXPECT_EQ(fields.position, "7");
    EXPECT_EQ(fields.where, "there");
    EXPECT_EQ(fields.table, "t");
    EXPECT_EQ(fields.column, "c");
    EXPECT_EQ(fields.constraint, "k");
}

TEST(Pgwire, RowsRoundTrip)
{
    BackendWriter description;
    description.row_description({{"id", 23}, {"name"}});
    const auto columns = row_description(only_message(description.bytes()).body);
    ASSERT_EQ(columns.size(), 2U);
    EXPECT_EQ(columns[0].name, "id");
    EXPECT_EQ(columns[0].type, 23U);
    EXPECT_EQ(columns[1].name, "name");
    EXPECT_EQ(columns[1].type, 25U);

    BackendWriter row;
    row.data_row({"1", std::nullopt, ""});
    EXPECT_THAT(data_row(only_message(row.bytes()).body), ElementsAre("1", std::nullopt, ""));
}

TEST(Pgwire, TagsTellTheRowsChanged)
{
    EXPECT_EQ(affected_rows("INSERT 0 3"), 3U);
    EXPECT_EQ(affected_rows("UPDATE 2"), 2U);
    EXPECT_EQ(affected_rows("DELETE 0"), 0U);
    EXPECT_EQ(affected_rows("SELECT 5"), 0U);
    EXPECT_EQ(affected_rows("CREATE TABLE"), 0U);
    EXPECT_EQ(affected_rows("UPDATE x"), 0U);
}

TEST(Pgwire, SmallAnswersHaveTheirForm)
{
    BackendWriter writer;
    writer.authentication_cleartext_password();
    EXPECT_EQ(authentication_kind(only_message(writer.bytes()).body),
              Authentication::cleartext_password);
    BackendWriter status;
    status.parameter_status("TimeZone", "UTC");
    EXPECT_THAT(parameter_status(only_message(status.bytes()).body), Pair("TimeZone", "UTC"));
    BackendWriter ready;
    ready.ready_for_query(TransactionStatus::idle);
    EXPECT_EQ(ready.bytes(), std::string("Z\0\0\0\5I", 6));
    BackendWriter complete;
    complete.command_complete("SELECT 1");
    EXPECT_EQ(command_tag(only_message(complete.bytes()).body), "SELECT 1");
}

/// Every body cut off at any byte is refused or understood, and never read beyond its end.
TEST(Pgwire, TruncatedBodiesAreMalformed)
{
    BackendWriter backend;
    backend.error({.sqlstate = "42601", .message = "no"});
    const auto error = only_message(backend.bytes()).body;
    for (std::size_t size = 0; size < error.size(); ++size)
        EXPECT_THROW(error_fields(error.substr(0, size)), Malformed) << size;

    BackendWriter rows;
    rows.data_row({"ab", "c"});
    const auto row = only_message(rows.bytes()).body;
    for (std::size_t size = 0; size < row.size(); ++size)
        EXPECT_THROW(data_row(row.substr(0, size)), Malformed) << size;
    EXPECT_THROW(data_row(std::string_view("\0\1\xff\xff\xff\xfe", 6)), Malformed);

    BackendWriter description;
    description.row_description({{"a"}});
    const auto columns = only_message(description.bytes()).body;
    for (std::size_t size = 0; size < columns.size(); ++size)
        EXPECT_THROW(row_description(columns.substr(0, size)), Malformed) << size;

    FrontendWriter writer;
    writer.parse("a", "b");
    const auto parse = only_message(writer.bytes()).body;
    for (std::size_t size = 0; size < parse.size(); ++size)
        EXPECT_THROW(parse_body(parse.substr(0, size)), Malformed) << size;
    EXPECT_THROW(parse_body(std::string(parse) + "x"), Malformed);
    EXPECT_THROW(first_message(writer.bytes(), 5), TooLong);
    EXPECT_THROW(named_body(""), Malformed);
    EXPECT_THROW(named_body("Sx"), Malformed);
    EXPECT_THROW(bind_body(std::string_view("a\0b", 3)), Malformed);
    EXPECT_THROW(cancel_key("1234567"), Malformed);
    EXPECT_THROW(authentication_kind("123"), Malformed);
}

} // namespace
} // namespace nimbus::pgwire
