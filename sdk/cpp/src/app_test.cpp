#include "base/file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nimbus/nimbus.hpp>

namespace {

/// Sets a variable for one test.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name)
    {
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

int describe(nimbus::app& app, const std::filesystem::path& to)
{
    const Variable out("NIMBUS_MANIFEST_OUT", to.string());
    return app.run(0, nullptr);
}

nimbus::app make_app()
{
    return nimbus::app{{.project_name = "demo", .region = "us-east-1"}};
}

const auto nothing = [] { return nimbus::no_content(); };

TEST(Describe, WritesTheManifest)
{
    auto app = make_app();
    app.sql({.name = "main-db", .schema = "myapp", .deletion_protection = false});
    app.sql({.name = "log-db", .schema = "logs", .cluster = "team-db"});
    auto api = app.api({.name = "web", .stage = "dev"});
    api.route("GET", "/users/{id}", nothing,
              {.memory = 512, .timeout = 5, .environment = {{"A", "b"}}, .uses = {{"main-db"}}});
    api.route("GET", "/users-id", nothing);
    const nimbus::TemporaryDirectory directory;

    ASSERT_EQ(describe(app, directory.path() / "manifest.json"), 0);

    auto expected = nimbus::parse_json_text(R"({
        "version": 1, "project": "demo", "region": "us-east-1",
        "runtime": "provided.al2023", "architecture": "x86_64",
        "sql": [{"name": "main-db", "schema": "myapp", "deletionProtection": false},
                {"name": "log-db", "schema": "logs", "deletionProtection": true,
                 "cluster": "team-db"}],
        "apis": [{"name": "web", "stage": "dev", "routes": [
            {"method": "GET", "path": "/users/{id}", "function": "get-users-id"},
            {"method": "GET", "path": "/users-id", "function": "get-users-id-2"}]}],
        "functions": [
            {"name": "get-users-id", "memory": 512, "timeout": 5, "environment": {"A": "b"},
             "uses": ["main-db"]},
            {"name": "get-users-id-2", "memory": 256, "timeout": 30, "environment": {}}]})");
#if defined(__aarch64__)
    expected.at("architecture") = "arm64";
#endif
    EXPECT_EQ(nimbus::parse_json_text(nimbus::read_file(directory.path() / "manifest.json")),
              expected);
}

TEST(Describe, TellsWhereEachPartIsDeclared)
{
    const auto before = std::source_location::current();
    nimbus::app app{{.project_name = "demo", .region = "us-east-1"}};
    app.sql({.name = "main-db", .schema = "myapp"});
    auto api = app.api({.name = "web"});
    api.route("GET", "/a", nothing);
    const nimbus::TemporaryDirectory directory;

    ASSERT_EQ(describe(app, directory.path() / "manifest.json"), 0);

    const auto places =
        nimbus::parse_json_text(nimbus::read_file(directory.path() / "manifest.json.places"));
    EXPECT_EQ(places.as_object().size(), 5U);
    const auto expect_line = [&](std::string_view path, unsigned lines_below) {
        const auto line = std::string(before.file_name()) + ':' +
                          std::to_string(before.line() + lines_below) + ':';
        EXPECT_TRUE(places.as_object().at(path).as_string().starts_with(line)) << path;
    };
    expect_line("", 1);
    expect_line("sql[0]", 2);
    expect_line("apis[0]", 3);
    expect_line("apis[0].routes[0]", 4);
    expect_line("functions[0]", 4);
}

TEST(Run, WithoutATaskSaysHowToDeploy)
{
    auto app = make_app();
    testing::internal::CaptureStderr();
    EXPECT_EQ(app.run(0, nullptr), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("nimbus deploy"), std::string::npos);
}

struct Sum {
    int a;
    int b;
};
BOOST_DESCRIBE_STRUCT(Sum, (), (a, b))

TEST(Invoke, RunsTheHandlerOfTheBestRoute)
{
    auto app = make_app();
    auto api = app.api({.name = "web"});
    api.route("ANY", "/{all+}", [](const nimbus::request& req) {
        return nimbus::text("all " + std::string(req.param("all")));
    });
    api.route("GET", "/users/{id}", [](const nimbus::request& req) {
        return nimbus::text("user " + std::string(req.param("id")));
    });
    api.route("GET", "/users/me", [] { return nimbus::text("me"); });

    EXPECT_EQ(app.invoke("GET", "/users/me").body(), "me");
    EXPECT_EQ(app.invoke("GET", "/users/7").body(), "user 7");
    EXPECT_EQ(app.invoke("PUT", "/users/7").body(), "all users/7");
    EXPECT_EQ(app.invoke("GET", "/a/b").body(), "all a/b");
    EXPECT_EQ(app.invoke("GET", "/").status(), 404);
}

TEST(Invoke, HandsOverBodyHeadersAndQuery)
{
    auto app = make_app();
    app.api({.name = "web"}).route("POST", "/sum", [](const nimbus::request& req) {
        const auto sum = req.json<Sum>();
        return nimbus::ok({{"sum", sum.a + sum.b},
                           {"who", req.header("X-Who").value_or("?")},
                           {"tags", nimbus::to_json(req.query_all("tag").size())}});
    });

    const auto answer = app.invoke("POST", "/sum?tag=a&tag=b%20c",
                                   {.body = R"({"a":1,"b":2})", .headers = {{"x-who", "me"}}});

    EXPECT_EQ(answer.body(), R"({"sum":3,"who":"me","tags":2})");
    EXPECT_EQ(app.invoke("POST", "/sum", {.body = R"({"a":1})"}).body(),
              R"({"error":"b is required"})");
    EXPECT_EQ(app.invoke("POST", "/sum").body(), R"({"error":"a is required"})");
}

TEST(Invoke, HandlersMayReturnPlainValues)
{
    auto app = make_app();
    app.api({.name = "web"}).route("GET", "/", [] { return Sum{1, 2}; });
    EXPECT_EQ(app.invoke("GET", "/").body(), R"({"a":1,"b":2})");
}

TEST(Invoke, ExceptionsMeanWhatTheyMeanInProduction)
{
    auto app = make_app();
    auto api = app.api({.name = "web"});
    api.route("GET", "/gone",
              []() -> nimbus::response { throw nimbus::http_error(410, "Gone for good"); });
    api.route("GET", "/bug", []() -> nimbus::response { throw std::runtime_error("oops"); });

    EXPECT_EQ(app.invoke("GET", "/gone").status(), 410);
    EXPECT_THROW(app.invoke("GET", "/bug"), std::runtime_error);

    app.on_error([](const std::exception& cause, const nimbus::request&) {
        return nimbus::error(500, cause.what());
    });
    testing::internal::CaptureStderr();
    EXPECT_EQ(app.invoke("GET", "/bug").body(), R"({"error":"oops"})");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("oops"), std::string::npos);
}

TEST(Sql, OutsideOfAFunctionSaysWhatIsMissing)
{
    auto app = make_app();
    const auto db = app.sql({.name = "main-db", .schema = "myapp"});
    try {
        db.execute("SELECT 1");
        FAIL();
    } catch (const nimbus::sql::usage_error& failure) {
        EXPECT_NE(std::string(failure.what()).find("SQL_MAIN_DB_ENDPOINT is not set"),
                  std::string::npos);
    }
}

} // namespace
