#include "api/event.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace nimbus::detail {
namespace {

constexpr std::string_view format_1 = R"({
    "version": "1.0", "resource": "/users/{id}", "path": "/dev/users/42", "httpMethod": "POST",
    "headers": {"Content-Type": "text/plain", "x-tag": "b"},
    "multiValueHeaders": {"Content-Type": ["text/plain"], "x-tag": ["a", "b"]},
    "queryStringParameters": {"q": "2", "limit": "7"},
    "multiValueQueryStringParameters": {"q": ["1", "2"], "limit": ["7"]},
    "pathParameters": {"id": "42"},
    "requestContext": {"requestId": "req-1", "stage": "dev", "identity": {"sourceIp": "1.2.3.4"}},
    "body": "aGk=", "isBase64Encoded": true})";

constexpr std::string_view format_2 = R"({
    "version": "2.0", "routeKey": "GET /users/{id}", "rawPath": "/users/42",
    "headers": {"x-tag": "a,b"}, "queryStringParameters": {"q": "1,2"},
    "pathParameters": {"id": "42"},
    "requestContext": {"requestId": "req-2", "stage": "$default",
                       "http": {"method": "GET", "sourceIp": "5.6.7.8"}},
    "isBase64Encoded": false})";

std::shared_ptr<const HttpEvent> decode(std::string_view text)
{
    return decode_http_event(json::parse(text).as_object(), {});
}

TEST(Event, Format1BecomesARequest)
{
    const request req(decode(format_1));

    EXPECT_EQ(req.method(), "POST");
    EXPECT_EQ(req.path(), "/users/42");
    EXPECT_EQ(req.route(), "/users/{id}");
    EXPECT_EQ(req.param("id"), "42");
    EXPECT_EQ(req.param<int>("id"), 42);
    EXPECT_THROW(static_cast<void>(req.param("name")), std::out_of_range);
    EXPECT_THROW(static_cast<void>(req.param<bool>("id")), bad_request_error);
    EXPECT_EQ(req.query("q"), "2");
    EXPECT_EQ(req.query<int>("limit", 20), 7);
    EXPECT_EQ(req.query<int>("page", 1), 1);
    EXPECT_EQ(req.query_all("q"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(req.header("content-type"), "text/plain");
    EXPECT_EQ(req.header_all("X-Tag"), (std::vector<std::string_view>{"a", "b"}));
    EXPECT_FALSE(req.header("accept"));
    EXPECT_EQ(req.body(), "hi");
    EXPECT_EQ(req.request_id(), "req-1");
    EXPECT_EQ(req.stage(), "dev");
    EXPECT_EQ(req.source_ip(), "1.2.3.4");
}

TEST(Event, OneThatIsWrittenByHandNeedsNoPathBesideItsResource)
{
    const request req(decode(R"({"resource": "/users", "httpMethod": "POST"})"));
    EXPECT_EQ(req.path(), "/users");
    EXPECT_EQ(req.route(), "/users");
}

TEST(Event, Format2BecomesARequest)
{
    const request req(decode(format_2));

    EXPECT_EQ(req.method(), "GET");
    EXPECT_EQ(req.path(), "/users/42");
    EXPECT_EQ(req.route(), "/users/{id}");
    EXPECT_EQ(req.query("q"), "1,2");
    EXPECT_EQ(req.body(), "");
    EXPECT_EQ(req.source_ip(), "5.6.7.8");
}

TEST(Event, TheStageIsTakenOffOnlyWhereItIsThere)
{
    const auto path_of = [](std::string_view resource, std::string_view path) {
        json::object event{{"httpMethod", "GET"},
                           {"resource", resource},
                           {"path", path},
                           {"requestContext", {{"stage", "dev"}}}};
        return decode_http_event(std::move(event), {})->path;
    };
    EXPECT_EQ(path_of("/users", "/dev/users"), "/users");
    EXPECT_EQ(path_of("/dev", "/dev"), "/dev");
    EXPECT_EQ(path_of("/", "/dev"), "/dev");
    EXPECT_EQ(path_of("/", "/dev/"), "/");
    EXPECT_EQ(path_of("/dev/{id}", "/dev/7"), "/dev/7");
    EXPECT_EQ(path_of("/{all+}", "/dev/a/b"), "/a/b");
    EXPECT_EQ(path_of("/devices", "/devices"), "/devices");
}

TEST(Event, WhatIsNoEventIsRefused)
{
    for (const auto* text :
         {"{}", R"({"httpMethod":"GET"})",
          R"({"httpMethod":"GET","path":"/","body":"*","isBase64Encoded":true})"})
        EXPECT_THROW(decode(text), json_error) << text;
}

TEST(Event, IsKnownByItsMethod)
{
    const auto looks_like_one = [](std::string_view text) {
        return is_http_event(json::parse(text).as_object());
    };
    EXPECT_TRUE(looks_like_one(format_1));
    EXPECT_TRUE(looks_like_one(format_2));
    EXPECT_FALSE(looks_like_one("{}"));
    EXPECT_FALSE(looks_like_one(R"({"source":"aws.scheduler","requestContext":{}})"));
}

TEST(Event, MalformedBodiesAreTheClientsMistake)
{
    const request req(decode(format_1));
    EXPECT_THROW(req.json(), bad_request_error);
    EXPECT_THROW(request(decode(format_2)).json(), bad_request_error);
}

TEST(Answer, Format1SeparatesRepeatedHeaders)
{
    EXPECT_EQ(
        encode_response(text("a\"b\n\x01")
                            .header("X-One", "1")
                            .add_header("Set-Cookie", "a=1")
                            .add_header("set-cookie", "b=2"),
                        false),
        R"({"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8","x-one":"1"},)"
        R"("multiValueHeaders":{"set-cookie":["a=1","b=2"]},)"
        R"("body":"a\"b\n\u0001","isBase64Encoded":false})");
}

TEST(Answer, Format2HasCookies)
{
    EXPECT_EQ(encode_response(no_content()
                                  .add_header("Set-Cookie", "a=1")
                                  .add_header("Vary", "a")
                                  .add_header("vary", "b"),
                              true),
              R"({"statusCode":204,"headers":{"vary":"a, b"},"cookies":["a=1"],)"
              R"("body":"","isBase64Encoded":false})");
}

TEST(Answer, BytesTravelAsBase64)
{
    const auto encoded = encode_response(binary("\xff\xfe", "image/png"), false);
    EXPECT_NE(encoded.find(R"("body":"//4=","isBase64Encoded":true)"), std::string::npos);
}

TEST(Answer, HeadersCannotSmuggleLines)
{
    EXPECT_THROW(ok().header("X", "a\r\nSet-Cookie: b"), std::invalid_argument);
    EXPECT_THROW(ok().header("X Y", "a"), std::invalid_argument);
}

} // namespace
} // namespace nimbus::detail
