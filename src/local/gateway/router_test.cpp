#include "local/gateway/router.h"

#include <gtest/gtest.h>

namespace nimbus::local::gateway {
namespace {

Api make_api(const std::vector<std::string>& keys, std::vector<std::string> stages = {"$default"})
{
    Api api{.id = "api",
            .name = "test",
            .region = "us-east-1",
            .account_id = "123456789012",
            .stages = std::move(stages)};
    for (const auto& key : keys)
        api.routes.push_back({.key = key, .integration = {.function_arn = key}});
    return api;
}

/// The key of the route that serves the request, with its parameters: "GET /a/{b} b=1".
std::string route_of(const Router& router, std::string_view method, std::string_view path)
{
    const auto match = router.match(method, path);
    if (!match)
        return "none";
    auto text = match->route->key;
    EXPECT_EQ(match->route->parameters.size(), match->values.size());
    for (std::size_t i = 0; i < match->values.size(); ++i)
        text += " " + match->route->parameters[i] + "=" + std::string(match->values[i]);
    return text;
}

struct Case {
    std::string_view method;
    std::string_view path;
    std::string_view expected;
};

void expect(const Router& router, const std::vector<Case>& cases)
{
    for (const auto& [method, path, expected] : cases)
        EXPECT_EQ(route_of(router, method, path), expected) << method << ' ' << path;
}

TEST(Router, FollowsTheExampleOfTheDeveloperGuide)
{
    const Router router(make_api({"$default", "ANY /{proxy+}", "GET /pets/{proxy+}",
                                  "GET /pets/dog/{id}", "GET /pets/dog/1"}));
    expect(router, {{"GET", "/pets/dog/1", "GET /pets/dog/1"},
                    {"GET", "/pets/dog/2", "GET /pets/dog/{id} id=2"},
                    {"GET", "/pets/cat/1", "GET /pets/{proxy+} proxy=cat/1"},
                    {"POST", "/test/5", "ANY /{proxy+} proxy=test/5"},
                    {"GET", "/", "$default"}});
}

TEST(Router, PrefersFullMatchesThenLiteralsThenTheMethod)
{
    const Router router(
        make_api({"ANY /{a}/{b}", "GET /files/{proxy+}", "GET /users/{id}", "ANY /users/me",
                  "GET /users/me", "POST /users/{name}", "GET /{kind}/list"}));
    expect(router, {{"GET", "/files/x", "ANY /{a}/{b} a=files b=x"},
                    {"GET", "/files/x/y", "GET /files/{proxy+} proxy=x/y"},
                    {"POST", "/files/x/y", "none"},
                    {"GET", "/users/me", "GET /users/me"},
                    {"PUT", "/users/me", "ANY /users/me"},
                    {"GET", "/users/list", "GET /users/{id} id=list"},
                    {"POST", "/users/7", "POST /users/{name} name=7"},
                    {"PUT", "/users/7", "ANY /{a}/{b} a=users b=7"},
                    {"GET", "/pets/list", "GET /{kind}/list kind=pets"}});
}

TEST(Router, FallsBackWhenTheMostSpecificPathHasAnotherMethod)
{
    const Router router(make_api({"GET /users/me", "POST /users/{id}", "ANY /{proxy+}"}));
    expect(router, {{"POST", "/users/me", "POST /users/{id} id=me"},
                    {"DELETE", "/users/me", "ANY /{proxy+} proxy=users/me"},
                    {"HEAD", "/users/me", "ANY /{proxy+} proxy=users/me"}});
}

TEST(Router, MethodsAreExactAndHeadAndOptionsAreMethodsLikeOthers)
{
    const Router router(make_api({"GET /a", "OPTIONS /a", "ANY /b", "HEAD /c"}));
    expect(router, {{"GET", "/a", "GET /a"},
                    {"OPTIONS", "/a", "OPTIONS /a"},
                    {"HEAD", "/a", "none"},
                    {"get", "/a", "none"},
                    {"HEAD", "/b", "ANY /b"},
                    {"PROPFIND", "/b", "ANY /b"},
                    {"HEAD", "/c", "HEAD /c"}});
}

TEST(Router, EverySegmentCounts)
{
    const Router router(make_api(
        {"GET /", "GET /users", "GET /users/{id}", "GET /users/{id}/posts", "GET /f/{p+}"}));
    expect(router, {{"GET", "/", "GET /"},
                    {"GET", "/users", "GET /users"},
                    {"GET", "/users/", "none"},
                    {"GET", "//users", "none"},
                    {"GET", "/users//posts", "none"},
                    {"GET", "/users/1/posts/", "none"},
                    {"GET", "/Users", "none"},
                    {"GET", "/f", "none"},
                    {"GET", "/f/", "none"},
                    {"GET", "/f/a/", "GET /f/{p+} p=a/"},
                    {"GET", "/f//a", "GET /f/{p+} p=/a"},
                    {"GET", "users", "none"},
                    {"GET", "", "none"},
                    {"OPTIONS", "*", "none"}});
}

TEST(Router, ComparesDecodedSegmentsAndNeverSplitsAtAnEscapedSlash)
{
    const Router router(make_api({"GET /users/{id}", "GET /a b/{id}", "GET /b%20c"}));
    expect(router, {{"GET", "/us%65rs/1", "GET /users/{id} id=1"},
                    {"GET", "/users/a%2Fb", "GET /users/{id} id=a%2Fb"},
                    {"GET", "/users%2F1", "none"},
                    {"GET", "/a%20b/1", "GET /a b/{id} id=1"},
                    {"GET", "/b%20c", "GET /b%20c"}});
}

TEST(Router, TakesTheStageFromTheFirstSegment)
{
    const std::vector<std::string> keys{"GET /", "GET /dev", "GET /users"};
    const auto served = [](const Router& router, std::string_view path) {
        const auto match = router.match("GET", path);
        return match ? match->stage->name + " " + std::string(match->path) : "none";
    };
    const Router named(make_api(keys, {"dev", "prod"}));
    EXPECT_EQ(served(named, "/dev/users"), "dev /users");
    EXPECT_EQ(served(named, "/prod/users"), "prod /users");
    EXPECT_EQ(served(named, "/dev"), "dev /");
    EXPECT_EQ(served(named, "/dev/"), "dev /");
    EXPECT_EQ(served(named, "/dev/dev"), "dev /dev");
    EXPECT_EQ(served(named, "/device/users"), "none");
    EXPECT_EQ(served(named, "/users"), "none");
    const Router both(make_api(keys, {"$default", "dev"}));
    EXPECT_EQ(served(both, "/users"), "$default /users");
    EXPECT_EQ(served(both, "/"), "$default /");
    EXPECT_EQ(served(both, "/dev/users"), "dev /users");
    EXPECT_EQ(served(both, "/$default/users"), "none");
    EXPECT_EQ(served(Router(make_api(keys, {})), "/users"), "none");
}

TEST(Router, PresentsTheRouteToTheFunctionsPolicy)
{
    const Router router(
        make_api({"GET /users/{id}", "ANY /", "ANY /files/{proxy+}", "$default"}, {"dev"}));
    const auto arn_of = [&](std::string_view method, std::string_view path) {
        const auto match = router.match(method, path);
        return match->route->source_arn(*match->stage, method);
    };
    const std::string prefix = "arn:aws:execute-api:us-east-1:123456789012:api/dev/";
    EXPECT_EQ(arn_of("GET", "/dev/users/7"), prefix + "GET/users/{id}");
    EXPECT_EQ(arn_of("PUT", "/dev/"), prefix + "PUT/");
    EXPECT_EQ(arn_of("PUT", "/dev/files/a/b"), prefix + "PUT/files/{proxy+}");
    EXPECT_EQ(arn_of("PUT", "/dev/other"), prefix + "$default");
}

TEST(Router, WorkIsBoundedOnPathsThatAlmostMatch)
{
    std::vector<std::string> keys;
    std::string path;
    for (int depth = 1; depth <= 12; ++depth) {
        path += "/a";
        keys.push_back("GET " + path + "/{x" + std::to_string(depth) + "}/end");
    }
    const Router router(make_api(keys));
    std::string deep;
    for (int i = 0; i < 5000; ++i)
        deep += "/a";
    EXPECT_EQ(route_of(router, "GET", deep), "none");
}

} // namespace
} // namespace nimbus::local::gateway
