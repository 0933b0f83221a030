#include "core/test_app.h"

#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

const auto nothing = [] { return no_content(); };

TEST(Apis, AreDescribedWithTheirRoutes)
{
    auto app = make_app();
    auto api = app.api({.name = "web", .stage = "dev", .description = "What browsers call"});
    api.route("GET", "/users/{id}", nothing);
    api.route("GET", "/users-id", nothing);
    app.api({.name = "admin"}).route("ANY", "$default", nothing);

    EXPECT_EQ(describe(app).manifest.at("apis"), parse_json_text(R"([
        {"name": "web", "stage": "dev", "description": "What browsers call", "routes": [
            {"method": "GET", "path": "/users/{id}", "function": "get-users-id"},
            {"method": "GET", "path": "/users-id", "function": "get-users-id-2"}]},
        {"name": "admin", "routes": [
            {"method": "ANY", "path": "$default", "function": "any-default"}]}])"));
}

TEST(Apis, TakeParametersWithAColon)
{
    auto app = make_app();
    app.api({.name = "web"}).route("GET", "/users/:id", [](const request& req) {
        return text(std::string(req.route()) + " " + std::string(req.param("id")));
    });

    const auto route = describe(app).manifest.at("apis").at(0).at("routes").at(0);
    EXPECT_EQ(route.at("path"), "/users/{id}");
    EXPECT_EQ(app.invoke("GET", "/users/7").body(), "/users/{id} 7");
}

TEST(Apis, TellWhereTheirRoutesAreDeclared)
{
    auto app = make_app();
    auto api = app.api({.name = "web"});
    api.route("GET", "/a", nothing);
    api.route("GET", "/b", nothing);
    const auto places = describe(app).places;
    EXPECT_EQ(places.at("apis[0].routes[0]"), places.at("functions[0]"));
    EXPECT_EQ(places.at("apis[0].routes[1]"), places.at("functions[1]"));
    EXPECT_NE(places.at("functions[0]"), places.at("functions[1]"));
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
    api.route("ANY", "/{all+}",
              [](const request& req) { return text("all " + std::string(req.param("all"))); });
    api.route("GET", "/users/{id}",
              [](const request& req) { return text("user " + std::string(req.param("id"))); });
    api.route("GET", "/users/me", [] { return text("me"); });

    EXPECT_EQ(app.invoke("GET", "/users/me").body(), "me");
    EXPECT_EQ(app.invoke("GET", "/users/7").body(), "user 7");
    EXPECT_EQ(app.invoke("PUT", "/users/7").body(), "all users/7");
    EXPECT_EQ(app.invoke("GET", "/a/b").body(), "all a/b");
    EXPECT_EQ(app.invoke("GET", "/").status(), 404);
}

TEST(Invoke, HandsOverBodyHeadersAndQuery)
{
    auto app = make_app();
    app.api({.name = "web"}).route("POST", "/sum", [](const request& req) {
        const auto sum = req.json<Sum>();
        return ok({{"sum", sum.a + sum.b},
                   {"who", req.header("X-Who").value_or("?")},
                   {"tags", to_json(req.query_all("tag").size())}});
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
    api.route("GET", "/gone", []() -> response { throw http_error(410, "Gone for good"); });
    api.route("GET", "/bug", []() -> response { throw std::runtime_error("oops"); });

    EXPECT_EQ(app.invoke("GET", "/gone").status(), 410);
    EXPECT_THROW(app.invoke("GET", "/bug"), std::runtime_error);

    app.on_error(
        [](const std::exception& cause, const request&) { return error(500, cause.what()); });
    testing::internal::CaptureStderr();
    EXPECT_EQ(app.invoke("GET", "/bug").body(), R"({"error":"oops"})");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("oops"), std::string::npos);
}

} // namespace
} // namespace nimbus::detail
