#include "base/json.h"
#include "local/gateway/event.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace nimbus::local::gateway {
namespace {

Api make_api(const std::string& format)
{
    const Api::Integration integration{.function_arn = "arn", .payload_format = format};
    return {.id = "1xfslfeqxf",
            .name = "test",
            .region = "us-east-1",
            .account_id = "233925838033",
            .stages = {"dev", "$default"},
            .routes = {{"GET /api/services", integration},
                       {"POST /event/{name}", integration},
                       {"ANY /files/{path+}", integration},
                       {"$default", integration}}};
}

RequestFacts make_facts()
{
    return {.request_id = "b1eTFgYfIAMEcKg=",
            .trace_id = "Root=1-66abaa79-20e2acd0599ba1fe21814507",
            .time = from_unix_milliseconds(1722526329808),
            .time_text = "01/Aug/2024:15:32:09 +0000",
            .port = 8080};
}

json::object event_of(const http::Request& request, const std::string& format = "1.0")
{
    const Router router(make_api(format));
    const auto match = router.match(request.method, request.path());
    EXPECT_TRUE(match.has_value()) << request.target;
    const auto text = encode_event(router, *match, request, make_facts());
    return parse_json(text, "the event").as_object();
}

http::Request get(std::string target, http::Headers headers = {})
{
    return {.method = "GET",
            .target = std::move(target),
            .headers = std::move(headers),
            .peer_address = "186.84.22.90"};
}

http::Request post(std::string target, std::string content_type, std::string body)
{
    http::Request request{.method = "POST",
                          .target = std::move(target),
                          .body = std::move(body),
                          .peer_address = "127.0.0.1"};
    if (!content_type.empty())
        request.headers.add("content-type", std::move(content_type));
    return request;
}

json::object parsed(std::string_view text)
{
    return json::parse(text).as_object();
}

/// An event that an HTTP API on AWS sent, but for the port, the protocol and an authorizer.
TEST(Event, Format1IsTheOneThatHttpApisSend)
{
    const auto event = event_of(
        get("/dev/api/services?name=", {{"Host", "1xfslfeqxf.execute-api.us-east-1.amazonaws.com"},
                                        {"User-Agent", "Mozilla/5.0"},
                                        {"Connection", "keep-alive"},
                                        {"Accept", "application/json, text/plain, */*"},
                                        {"Origin", "http://localhost:3000"}}));
    EXPECT_EQ(event, parsed(R"({
        "version": "1.0",
        "resource": "/api/services",
        "path": "/dev/api/services",
        "httpMethod": "GET",
        "headers": {
            "Content-Length": "0",
            "Host": "1xfslfeqxf.execute-api.us-east-1.amazonaws.com",
            "User-Agent": "Mozilla/5.0",
            "X-Amzn-Trace-Id": "Root=1-66abaa79-20e2acd0599ba1fe21814507",
            "X-Forwarded-For": "186.84.22.90",
            "X-Forwarded-Port": "8080",
            "X-Forwarded-Proto": "http",
            "accept": "application/json, text/plain, */*",
            "origin": "http://localhost:3000"
        },
        "multiValueHeaders": {
            "Content-Length": ["0"],
            "Host": ["1xfslfeqxf.execute-api.us-east-1.amazonaws.com"],
            "User-Agent": ["Mozilla/5.0"],
            "X-Amzn-Trace-Id": ["Root=1-66abaa79-20e2acd0599ba1fe21814507"],
            "X-Forwarded-For": ["186.84.22.90"],
            "X-Forwarded-Port": ["8080"],
            "X-Forwarded-Proto": ["http"],
            "accept": ["application/json, text/plain, */*"],
            "origin": ["http://localhost:3000"]
        },
        "queryStringParameters": {"name": ""},
        "multiValueQueryStringParameters": {"name": [""]},
        "requestContext": {
            "accountId": "233925838033",
            "apiId": "1xfslfeqxf",
            "domainName": "1xfslfeqxf.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "1xfslfeqxf",
            "extendedRequestId": "b1eTFgYfIAMEcKg=",
            "httpMethod": "GET",
            "identity": {
                "accessKey": null, "accountId": null, "caller": null, "cognitoAmr": null,
                "cognitoAuthenticationProvider": null, "cognitoAuthenticationType": null,
                "cognitoIdentityId": null, "cognitoIdentityPoolId": null,
                "principalOrgId": null, "sourceIp": "186.84.22.90", "user": null,
                "userAgent": "Mozilla/5.0", "userArn": null
            },
            "path": "/dev/api/services",
            "protocol": "HTTP/1.1",
            "requestId": "b1eTFgYfIAMEcKg=",
            "requestTime": "01/Aug/2024:15:32:09 +0000",
            "requestTimeEpoch": 1722526329808,
            "resourceId": "GET /api/services",
            "resourcePath": "/api/services",
            "stage": "dev"
        },
        "pathParameters": null,
        "stageVariables": null,
        "body": null,
        "isBase64Encoded": false
    })"))
        << json::serialize(event);
}

/// The Developer Guide's example, with what a client without certificate and authorizer has.
TEST(Event, Format2IsTheOneOfTheDeveloperGuide)
{
    const auto event =
        event_of({.method = "POST",
                  .target = "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
                  .headers = {{"Header1", "value1"},
                              {"Header2", "value1"},
                              {"header2", "value2"},
                              {"Cookie", "cookie1; cookie2"},
                              {"Content-Type", "text/plain"},
                              {"Content-Length", "17"},
                              {"User-Agent", "agent"}},
                  .body = "Hello from Lambda",
                  .peer_address = "127.0.0.1"},
                 "2.0");
    EXPECT_EQ(event, parsed(R"({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my/path",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {
            "content-length": "17",
            "content-type": "text/plain",
            "header1": "value1",
            "header2": "value1,value2",
            "user-agent": "agent",
            "x-amzn-trace-id": "Root=1-66abaa79-20e2acd0599ba1fe21814507",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http"
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "233925838033",
            "apiId": "1xfslfeqxf",
            "domainName": "1xfslfeqxf.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "1xfslfeqxf",
            "http": {
                "method": "POST", "path": "/my/path", "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "agent"
            },
            "requestId": "b1eTFgYfIAMEcKg=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Aug/2024:15:32:09 +0000",
            "timeEpoch": 1722526329808
        },
        "body": "Hello from Lambda",
        "isBase64Encoded": false
    })"))
        << json::serialize(event);
}

TEST(Event, Format2LeavesOutWhatIsNotThere)
{
    const auto event = event_of(get("/dev/api/services"), "2.0");
    for (const auto* member :
         {"cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"})
        EXPECT_FALSE(event.contains(member)) << member;
    EXPECT_EQ(event.at("rawPath"), "/dev/api/services");
    EXPECT_EQ(event.at("rawQueryString"), "");
}

TEST(Event, PathsAndParametersAreDecoded)
{
    const auto event = event_of(
        post("/dev/event/a%20b%2Fc?x=1&x=2&y=%C3%A4&z&plus=a+b%2B", "text/plain", "body text"));
    EXPECT_EQ(event.at("resource"), "/event/{name}");
    EXPECT_EQ(event.at("path"), "/dev/event/a b/c");
    EXPECT_EQ(event.at("pathParameters"), parsed(R"({"name": "a b/c"})"));
    EXPECT_EQ(event.at("queryStringParameters"),
              parsed(R"({"x": "2", "y": "ä", "z": "", "plus": "a b+"})"));
    EXPECT_EQ(event.at("multiValueQueryStringParameters"),
              parsed(R"({"x": ["1", "2"], "y": ["ä"], "z": [""], "plus": ["a b+"]})"));
    EXPECT_EQ(event_of(get("/files/one/two%20/")).at("pathParameters"),
              parsed(R"({"path": "one/two /"})"));
}

TEST(Event, TheDefaultStageHasNoPrefixAndTheRootOfANamedOneASlash)
{
    EXPECT_EQ(event_of(get("/api/services")).at("path"), "/api/services");
    EXPECT_EQ(event_of(get("/")).at("path"), "/");
    EXPECT_EQ(event_of(get("/dev")).at("path"), "/dev/");
    EXPECT_EQ(event_of(get("/dev/")).at("path"), "/dev/");
}

TEST(Event, HeadersOfTheConnectionStayOutAndForwardingIsCompleted)
{
    const auto event = event_of(get("/", {{"Keep-Alive", "timeout=5"},
                                          {"Transfer-Encoding", "chunked"},
                                          {"Expect", "100-continue"},
                                          {"X-Forwarded-For", "10.0.0.1"},
                                          {"x-forwarded-for", "10.0.0.2, 10.0.0.3"},
                                          {"X-Forwarded-Proto", "gopher"},
                                          {"X-Amzn-Trace-Id", "Root=1-0-1;Sampled=1"},
                                          {"X-Tag", "a"},
                                          {"x-TAG", "b"}}));
    EXPECT_EQ(event.at("headers"), parsed(R"({
        "Content-Length": "0",
        "X-Amzn-Trace-Id": "Root=1-0-1;Sampled=1",
        "X-Forwarded-For": "10.0.0.1, 10.0.0.2, 10.0.0.3, 186.84.22.90",
        "X-Forwarded-Port": "8080",
        "X-Forwarded-Proto": "http",
        "x-tag": "b"})"));
    EXPECT_EQ(event.at("multiValueHeaders").at("x-tag"), json::array({"a", "b"}));
    EXPECT_TRUE(event.at("requestContext").at("identity").at("userAgent").is_null());
}

TEST(Event, BodiesAreTextOnlyWhenTheirTypeIs)
{
    const auto body_of = [](std::string content_type, std::string body, const std::string& format) {
        const auto event = event_of(post("/", std::move(content_type), std::move(body)), format);
        const auto& text = event.at("body");
        return std::string(event.at("isBase64Encoded").as_bool() ? "base64 " : "text ") +
               (text.is_null() ? "null" : std::string(text.as_string()));
    };
    for (const auto* format : {"1.0", "2.0"}) {
        for (const auto* type :
             {"text/plain", "TEXT/html; charset=utf-8", "application/json",
              "application/json;charset=UTF-8", "application/xml", "application/javascript"})
            EXPECT_EQ(body_of(type, "ä\"\n", format), "text ä\"\n") << type;
        for (const auto* type :
             {"", "application/octet-stream", "image/png", "application/x-www-form-urlencoded",
              "multipart/form-data", "application/problem+json", "application/jsonp"})
            EXPECT_EQ(body_of(type, "hi", format), "base64 aGk=") << type;
        EXPECT_EQ(body_of("text/plain", "\xff\xfe", format), "base64 //4=");
    }
    EXPECT_EQ(body_of("text/plain", "", "1.0"), "text null");
    EXPECT_EQ(body_of("application/octet-stream", "", "1.0"), "text null");
}

TEST(Event, BytesThatAreNoTextDoNotBreakTheJson)
{
    const auto event = event_of(get("/%ff%00%22?%fe=%22%0a", {{"x-\xff", "\x01\xff\""}}));
    EXPECT_EQ(event.at("path"), json::string_view("/\xef\xbf\xbd\0\"", 6));
    EXPECT_EQ(event.at("queryStringParameters").at("\xef\xbf\xbd"), "\"\n");
    EXPECT_EQ(event.at("headers").at("x-\xef\xbf\xbd"), "\x01\xef\xbf\xbd\"");
}

TEST(RequestFacts, IdentifiersHaveTheFormOfAws)
{
    FactsSource source([] { return from_unix_milliseconds(1722526329808); });
    const auto facts = source.next(8080);
    EXPECT_EQ(facts.request_id.size(), 16U);
    EXPECT_EQ(facts.request_id.find('='), 15U);
    EXPECT_TRUE(facts.trace_id.starts_with("Root=1-66abaa79-")) << facts.trace_id;
    EXPECT_EQ(facts.trace_id.size(),
              std::string("Root=1-66abaa79-20e2acd0599ba1fe21814507").size());
    EXPECT_EQ(facts.time_text, "01/Aug/2024:15:32:09 +0000");
    EXPECT_EQ(source.http_date(), "Thu, 01 Aug 2024 15:32:09 GMT");
    const auto other = source.next(8080);
    EXPECT_NE(other.request_id, facts.request_id);
    EXPECT_NE(other.trace_id, facts.trace_id);
}

} // namespace
} // namespace nimbus::local::gateway
