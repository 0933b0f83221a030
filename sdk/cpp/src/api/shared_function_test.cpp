#include "core/serve.h"
#include "core/test_app.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const auto nothing = [] { return no_content(); };

auto saying(std::string words)
{
    return [words = std::move(words)] { return text(words); };
}

/// What a route has to say about the request.
auto echo(std::string route)
{
    return [route = std::move(route)](const request& req) {
        return text(route + " for " + std::string(req.method()) + ' ' + std::string(req.path()));
    };
}

/// An application whose functions can be invoked with events, as Lambda does it.
class ServedApp : public app {
public:
    ServedApp() : app({.project_name = "demo", .region = "us-east-1"}) {}

    InvocationOutcome handle(const std::string& function, const json::object& event) const
    {
        testing::internal::CaptureStderr();
        auto outcome = handle_invocation(*application_, *application_->find_function(function),
                                         {{.request_id = "id"}, json::serialize(event)});
        testing::internal::GetCapturedStderr();
        return outcome;
    }

    /// The body of the answer to what API Gateway sends for a request that it matched with the
    /// route path `resource`.
    std::string answer(const std::string& function, std::string_view method,
                       std::string_view resource) const
    {
        const auto outcome = handle(
            function,
            {{"version", "1.0"}, {"httpMethod", method}, {"resource", resource}, {"path", "/x"}});
        if (!outcome.succeeded)
            return outcome.payload;
        return std::string(parse_json_text(outcome.payload).at("body").as_string());
    }
};

/// What describing the application says on stderr when it is refused.
std::string refusal(app& app)
{
    testing::internal::CaptureStderr();
    EXPECT_EQ(describe(app).exit_code, 1);
    return testing::internal::GetCapturedStderr();
}

/// A place of this file, as a message begins with it.
std::string line(unsigned number)
{
    return "shared_function_test.cpp:" + std::to_string(number) + ':';
}

TEST(SharedFunction, IsOneFunctionForAllItsRoutes)
{
    auto app = make_app();
    app.api({.name = "web"})
        .route("GET", "/users/{id}", nothing, {.function = "users"})
        .route("POST", "/users", nothing, {.function = "users"})
        .route("GET", "/health", nothing);

    const auto manifest = describe(app).manifest;
    EXPECT_EQ(manifest.at("apis").at(0).at("routes"), parse_json_text(R"([
        {"method": "GET", "path": "/users/{id}", "function": "users"},
        {"method": "POST", "path": "/users", "function": "users"},
        {"method": "GET", "path": "/health", "function": "get-health"}])"));
    EXPECT_EQ(manifest.at("functions"), parse_json_text(R"([
        {"name": "users", "memorySize": 256, "timeout": 30, "environment": {}},
        {"name": "get-health", "memorySize": 256, "timeout": 30, "environment": {}}])"));
}

TEST(SharedFunction, OfAnApiIsForItsRoutesThatNameNoOther)
{
    auto app = make_app();
    app.api({.name = "web", .function = "web"})
        .route("GET", "/a", nothing)
        .route("GET", "/b", nothing, {.function = "other"})
        .route("GET", "/c", nothing);

    const auto manifest = describe(app).manifest;
    std::vector<std::string> functions;
    for (const auto& route : manifest.at("apis").at(0).at("routes").as_array())
        functions.emplace_back(route.at("function").as_string());
    EXPECT_EQ(functions, (std::vector<std::string>{"web", "other", "web"}));
}

TEST(SharedFunction, TheEventsResourceAndMethodChooseTheHandler)
{
    ServedApp app;
    auto api = app.api({.name = "web", .function = "all"});
    for (const auto* route : {"GET /users/{id}", "ANY /users/{id}", "GET /users/me", "POST /users",
                              "ANY /files/{path+}", "HEAD /files/{path+}", "ANY $default"}) {
        const std::string_view key = route;
        api.route(key.substr(0, key.find(' ')), key.substr(key.find(' ') + 1), echo(route));
    }

    EXPECT_EQ(app.answer("all", "GET", "/users/{id}"), "GET /users/{id} for GET /x");
    EXPECT_EQ(app.answer("all", "OPTIONS", "/users/{id}"), "ANY /users/{id} for OPTIONS /x");
    EXPECT_EQ(app.answer("all", "GET", "/users/me"), "GET /users/me for GET /x");
    EXPECT_EQ(app.answer("all", "POST", "/users"), "POST /users for POST /x");
    EXPECT_EQ(app.answer("all", "HEAD", "/files/{path+}"), "HEAD /files/{path+} for HEAD /x");
    EXPECT_EQ(app.answer("all", "GET", "/files/{path+}"), "ANY /files/{path+} for GET /x");
    EXPECT_EQ(app.answer("all", "PATCH", "$default"), "ANY $default for PATCH /x");
}

TEST(SharedFunction, RefusesEventsOfRoutesThatItHasNot)
{
    ServedApp app;
    app.api({.name = "web", .function = "users"})
        .route("GET", "/users/{id}", nothing)
        .route("POST", "/users", nothing);

    for (const auto& event : {json::object{{"httpMethod", "PUT"}, {"resource", "/users"}},
                              json::object{{"httpMethod", "PUT"}}}) {
        auto request = event;
        request["path"] = "/users";
        const auto outcome = app.handle("users", request);
        EXPECT_EQ(outcome.error_type, "Runtime.InvalidEvent");
        EXPECT_THAT(outcome.payload, HasSubstr("the function users has the routes GET "
                                               "/users/{id}, POST /users; the event is for none"));
    }
}

TEST(SharedFunction, AFunctionOfOneRouteTakesWhateverComes)
{
    ServedApp app;
    app.api({.name = "web"}).route("GET", "/users", saying("all"), {.function = "users"});
    EXPECT_EQ(app.answer("users", "POST", "/elsewhere"), "all");
}

TEST(SharedFunction, HasTheOptionsOfTheRoutesThatGiveThem)
{
    auto app = make_app();
    app.api({.name = "web", .function = "users"})
        .route("GET", "/a", nothing, {.memory_size = 512, .uses = {}})
        .route("GET", "/b", nothing)
        .route("GET", "/c", nothing, {.memory = 512, .timeout = 5, .environment = {{"A", "b"}}});

    EXPECT_EQ(describe(app).manifest.at("functions").at(0), parse_json_text(R"(
        {"name": "users", "memorySize": 512, "timeout": 5, "environment": {"A": "b"},
         "uses": []})"));
}

TEST(SharedFunction, RoutesThatDifferInAnOptionAreRefused)
{
    const std::map<std::string, std::pair<function_options, function_options>> options{
        {"memory_size", {{.memory_size = 512}, {.memory = 256}}},
        {"timeout", {{.timeout = 30}, {.timeout = 5}}},
        {"environment", {{.environment = {{"A", "a"}}}, {.environment = {{"A", "b"}}}}},
        {"uses", {{.uses = {"main-db"}}, {.uses = {}}}},
        {"permissions",
         {{.permissions = {{.action = {"s3:*"}, .resource = {"*"}}}},
          {.permissions = {{.effect = "Deny", .action = {"s3:*"}, .resource = {"*"}}}}}},
        {"description", {{.description = "a"}, {.description = "b"}}},
        {"architecture", {{.architecture = "x86_64"}, {.architecture = "arm64"}}},
        {"log_retention",
         {{.log_retention = std::chrono::days{7}}, {.log_retention = infinite_retention}}}};
    for (const auto& [name, pair] : options) {
        auto app = make_app();
        // In a chain, clang gives all calls the place of the first.
        auto&& web = app.api({.name = "web", .function = "users"});
        const auto here = std::source_location::current().line();
        web.route("GET", "/users/{id}", nothing, pair.first);
        web.route("POST", "/users", nothing, pair.second);
        EXPECT_THAT(refusal(app),
                    AllOf(HasSubstr(line(here + 2)),
                          HasSubstr("the route POST /users has another " + name +
                                    " than the route GET /users/{id} ("),
                          HasSubstr(line(here + 1)), HasSubstr("they share the function users")));
    }
}

TEST(SharedFunction, CannotHaveTheNameOfAnotherFunction)
{
    auto app = make_app();
    app.api({.name = "web"})
        .route("GET", "/users", nothing)
        .route("POST", "/users", nothing, {.function = "get-users"});
    EXPECT_THAT(refusal(app), AllOf(HasSubstr("the route POST /users shares a function get-users"),
                                    HasSubstr("that is the name of the function of the route GET "
                                              "/users (")));
}

TEST(SharedFunction, NamesThatRoutesHaveByThemselvesGiveWay)
{
    auto app = make_app();
    app.api({.name = "web"})
        .route("GET", "/a", nothing, {.function = "get-users"})
        .route("GET", "/users", nothing);
    EXPECT_EQ(describe(app).manifest.at("functions").at(1).at("name"), "get-users-2");
}

TEST(SharedFunction, ServesRoutesOfSeveralApis)
{
    ServedApp app;
    app.api({.name = "web", .function = "users"}).route("GET", "/users", saying("web"));
    app.api({.name = "admin", .function = "users"})
        .route("DELETE", "/users", saying("admin"))
        .route("GET", "/log", saying("log"));

    EXPECT_EQ(describe(app).exit_code, 0);
    EXPECT_EQ(app.answer("users", "GET", "/users"), "web");
    EXPECT_EQ(app.answer("users", "DELETE", "/users"), "admin");
}

TEST(SharedFunction, RoutesOfTwoApisThatItCouldNotTellApartAreRefused)
{
    for (const auto* method : {"GET", "ANY"}) {
        auto app = make_app();
        const auto here = std::source_location::current().line();
        app.api({.name = "web", .function = "users"}).route("GET", "/users", nothing);
        app.api({.name = "admin", .function = "users"}).route(method, "/users", nothing);
        EXPECT_THAT(refusal(app), AllOf(HasSubstr(line(here + 2)),
                                        HasSubstr("the route " + std::string(method) +
                                                  " /users of the API admin shares the function "
                                                  "users with GET /users of the API web ("),
                                        HasSubstr(line(here + 1))));
    }
}

} // namespace
} // namespace nimbus::detail
