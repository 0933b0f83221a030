#include "local/gateway/answer.h"

#include <gtest/gtest.h>

namespace nimbus::local::gateway {
namespace {

/// "status|Name: value|…|body", or "malformed".
std::string decoded(std::string_view payload, PayloadFormat format)
{
    const auto response = decode_answer(payload, format);
    if (!response)
        return "malformed";
    auto text = std::to_string(response->status) + "|";
    for (const auto& [name, value] : response->headers)
        text += name + ": " + value + "|";
    return text + response->body;
}

struct Case {
    std::string_view payload;
    std::string_view expected;
};

void expect(PayloadFormat format, const std::vector<Case>& cases)
{
    for (const auto& [payload, expected] : cases)
        EXPECT_EQ(decoded(payload, format), expected) << payload;
}

TEST(Answer, Format1IsAStatusWithHeadersAndABody)
{
    expect(
        PayloadFormat::v1,
        {{R"({"statusCode":204})", "204|"},
         {R"({"statusCode":200,"body":"hi"})", "200|Content-Type: text/plain; charset=utf-8|hi"},
         {R"({"statusCode":201.0,"headers":{"content-type":"a/b"},"body":"{}"})",
          "201|content-type: a/b|{}"},
         {R"({"statusCode":200,"headers":null,"multiValueHeaders":null,"body":null})", "200|"},
         {R"({"statusCode":200,"headers":{"Content-Type":"a/b"},"body":"/wA=","isBase64Encoded":true})",
          std::string_view("200|Content-Type: a/b|\xff\0", 24)},
         {R"({"statusCode":200,"isBase64Encoded":true})", "200|"},
         {R"({"statusCode":200,"headers":{"n":1,"b":true,"d":1.5,"none":null},"unknown":[]})",
          "200|n: 1|b: true|d: 1.5E0|"}});
}

TEST(Answer, Format1MergesBothKindsOfHeaders)
{
    expect(
        PayloadFormat::v1,
        {{R"({"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}})",
          "200|Set-Cookie: a=1|Set-Cookie: b=2|"},
         {R"({"statusCode":200,"headers":{"x":"1","y":"0"},"multiValueHeaders":{"X":["1","2"]}})",
          "200|X: 1|X: 2|y: 0|"}});
}

TEST(Answer, Format1TakesNothingElse)
{
    for (const auto* payload : {"not json",
                                "",
                                "null",
                                "[1, 2]",
                                "\"text\"",
                                "{",
                                R"({"body":"no status"})",
                                R"({"errorMessage":"thrown","errorType":"Error"})",
                                R"({"statusCode":null})",
                                R"({"statusCode":"200"})",
                                R"({"statusCode":"abc","body":"x"})",
                                R"({"statusCode":99,"body":"x"})",
                                R"({"statusCode":101})",
                                R"({"statusCode":600})",
                                R"({"statusCode":200.5})",
                                R"({"statusCode":1e99})",
                                R"({"statusCode":200,"body":{"an":"object"}})",
                                R"({"statusCode":200,"body":1})",
                                R"({"statusCode":200,"headers":"none","body":"x"})",
                                R"({"statusCode":200,"headers":["a"]})",
                                R"({"statusCode":200,"headers":{"a":["b"]}})",
                                R"({"statusCode":200,"multiValueHeaders":{"a":"b"}})",
                                R"({"statusCode":200,"isBase64Encoded":"true","body":""})",
                                R"({"statusCode":200,"isBase64Encoded":true,"body":"%%%"})",
                                "{\"statusCode\":200,\"body\":\"\xff\"}",
                                R"({"statusCode":200}{})"})
        EXPECT_EQ(decoded(payload, PayloadFormat::v1), "malformed") << payload;
}

TEST(Answer, HeadersCannotForgeLines)
{
    for (const auto* payload :
         {R"({"statusCode":200,"headers":{"a":"b\r\nSet-Cookie: c"}})",
          R"({"statusCode":200,"headers":{"a":"b\nc"}})",
          R"({"statusCode":200,"headers":{"a":"b\u0000"}})",
          R"({"statusCode":200,"headers":{"a: b\r\nc":"d"}})",
          R"({"statusCode":200,"headers":{"":"d"}})", R"({"statusCode":200,"headers":{"a b":"d"}})",
          R"({"statusCode":200,"multiValueHeaders":{"a":["fine","b\r\n"]}})"})
        EXPECT_EQ(decoded(payload, PayloadFormat::v1), "malformed") << payload;
    EXPECT_EQ(decoded(R"({"statusCode":200,"cookies":["a=1\r\nX: y"]})", PayloadFormat::v2),
              "malformed");
}

TEST(Answer, TheFramingAndTheRequestIdAreTheGateways)
{
    EXPECT_EQ(decoded(R"({"statusCode":200,"headers":{"Connection":"close","content-length":"7",
                          "Transfer-Encoding":"chunked","Apigw-Requestid":"forged","Upgrade":"h2c",
                          "WWW-Authenticate":"Basic"}})",
                      PayloadFormat::v1),
              "200|WWW-Authenticate: Basic|");
}

TEST(Answer, Format2InfersWhatHasNoStatus)
{
    expect(PayloadFormat::v2,
           {{R"({"message":"Hello from Lambda!"})",
             R"(200|Content-Type: application/json|{"message":"Hello from Lambda!"})"},
            {R"("Hello from Lambda!")", "200|Content-Type: application/json|Hello from Lambda!"},
            {" [1, 2]\n", "200|Content-Type: application/json|[1, 2]"},
            {"null", "200|Content-Type: application/json|null"},
            {"not json", "malformed"},
            {"", "malformed"}});
}

TEST(Answer, Format2HasCookies)
{
    expect(PayloadFormat::v2,
           {{R"({"cookies":["cookie1","cookie2"],"isBase64Encoded":false,"statusCode":201,
                 "headers":{"headername":"headervalue"},"body":"Hello from Lambda!"})",
             "201|headername: headervalue|Set-Cookie: cookie1|Set-Cookie: cookie2|"
             "Content-Type: text/plain; charset=utf-8|Hello from Lambda!"},
            {R"({"statusCode":200,"multiValueHeaders":{"a":["b"]}})", "200|"},
            {R"({"statusCode":"abc"})", "malformed"},
            {R"({"statusCode":200,"cookies":"a=1"})", "malformed"}});
}

TEST(Answer, WhatIsMalformedIsToldWithoutTheFunctionsWords)
{
    const std::vector<std::pair<std::string_view, std::string>> cases{
        {"secret", "it is not JSON"},
        {R"({"secret":1})", "it has no statusCode"},
        {R"({"statusCode":"secret"})", "statusCode is not a number from 200 to 599"},
        {R"({"statusCode":200,"headers":["secret"]})", "headers is not an object"},
        {R"({"statusCode":200,"headers":{"secret ":"v"}})", "the name of a header is not a token"},
        {R"({"statusCode":200,"headers":{"a":"secret\n"}})",
         "the value of a header has a control character"},
        {R"({"statusCode":200,"body":{"secret":1}})", "body is not a string"},
        {R"({"statusCode":200,"body":"secret!","isBase64Encoded":true})", "body is not base64"}};
    for (const auto& [payload, reason] : cases)
        EXPECT_EQ(decode_answer(payload, PayloadFormat::v1).error(), reason) << payload;
}

TEST(Answer, ErrorsAreApiGatewaysMessages)
{
    const std::vector<std::pair<int, std::string>> messages{
        {403, "Forbidden"},
        {404, "Not Found"},
        {413, "Request Entity Too Large"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"}};
    for (const auto& [status, message] : messages) {
        const auto response = gateway_error(status);
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(response.body, "{\"message\":\"" + message + "\"}");
        EXPECT_EQ(response.headers.get("content-type"), "application/json");
    }
}

} // namespace
} // namespace nimbus::local::gateway
