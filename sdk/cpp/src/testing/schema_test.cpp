#include "core/test_app.h"
#include "io/test_server.h"

#include <nimbus/testing.hpp>
#include <thread>

namespace {

using nimbus::detail::TestServer;
using nimbus::detail::Variable;

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// In place of `nimbus test`.
class TestSchema : public ::testing::Test {
protected:
    /// Answers one request on a thread; gives what it was.
    void answer(const std::string& status, const std::string& body)
    {
        thread_ = std::jthread([this, status, body] {
            server_.accept();
            request_ = server_.request();
            server_.send("HTTP/1.1 " + status +
                         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        });
    }
    std::string request()
    {
        thread_.join();
        return request_;
    }

    TestServer server_;
    std::string request_;
    std::jthread thread_;
};

std::string failure()
{
    try {
        const nimbus::testing::schema schema;
        return "none";
    } catch (const nimbus::testing::no_database& failure) {
        return failure.what();
    }
}

TEST_F(TestSchema, HasItsVariablesAsLongAsItLives)
{
    const Variable endpoint("NIMBUS_TEST_ENDPOINT", "http://" + server_.address());
    const Variable token("NIMBUS_TEST_TOKEN", "secret");
    const Variable before("SQL_MAIN_DB_SCHEMA", "before");
    answer("201 Created",
           R"({"name":"abc","variables":{"SQL_MAIN_DB_SCHEMA":"shop","SQL_MAIN_DB_ARN":"a"}})");
    {
        const nimbus::testing::schema schema;
        const auto asked = request();
        EXPECT_TRUE(asked.starts_with("POST /schemas HTTP/1.1\r\n")) << asked;
        EXPECT_NE(asked.find("Authorization: Bearer secret\r\n"), std::string::npos) << asked;
        EXPECT_EQ(schema.name(), "abc");
        EXPECT_EQ(variable("SQL_MAIN_DB_SCHEMA"), "shop");
        EXPECT_EQ(variable("SQL_MAIN_DB_ARN"), "a");
        answer("204 No Content", "");
    }
    EXPECT_TRUE(request().starts_with("DELETE /schemas/abc HTTP/1.1\r\n"));
    EXPECT_EQ(variable("SQL_MAIN_DB_SCHEMA"), "before");
    EXPECT_EQ(std::getenv("SQL_MAIN_DB_ARN"), nullptr);
}

TEST_F(TestSchema, WithoutNimbusTestSaysHowToGetADatabase)
{
    EXPECT_EQ(failure(), "this test needs a database: run it with `nimbus test -- COMMAND`, which "
                         "gives it one with all migrations applied");
}

TEST_F(TestSchema, SaysWhyThereIsNone)
{
    const Variable endpoint("NIMBUS_TEST_ENDPOINT", "http://" + server_.address());
    const Variable token("NIMBUS_TEST_TOKEN", "secret");
    answer("500 Internal Server Error", R"({"message":"The local cloud is stopping"})");
    EXPECT_EQ(failure(), "`nimbus test` could not make a database: The local cloud is stopping");
    request();
    server_.stop();
    EXPECT_TRUE(failure().starts_with("`nimbus test` does not answer: ")) << failure();
}

TEST(DatabaseWithoutVariables, NamesNimbusTest)
{
    auto app = nimbus::detail::make_app();
    const auto db = app.sql({.name = "main-db"});
    try {
        db.execute("SELECT 1");
        FAIL();
    } catch (const nimbus::sql::usage_error& failure) {
        EXPECT_NE(failure.hint().find("`nimbus test -- COMMAND`"), std::string::npos)
            << failure.hint();
    }
}

} // namespace
