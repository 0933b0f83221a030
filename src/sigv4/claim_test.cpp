#include "sigv4/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nimbus::sigv4 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view date = "20150830T123600Z";

std::string
authorization(const std::string& credential = "AKID/20150830/us-east-1/iam/aws4_request",
              const std::string& signed_headers = "host;x-amz-date")
{
    return "AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=" + signed_headers +
           ", Signature=abc";
}

Request signed_by(const std::string& value)
{
    return {.method = "GET",
            .path = "/",
            .headers = {{"Host", "example.com"},
                        {"X-Amz-Date", std::string(date)},
                        {"Authorization", value}}};
}

Request presigned(const std::string& query)
{
    return {.method = "GET", .path = "/", .query = query, .headers = {{"Host", "example.com"}}};
}

const std::string complete_query =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Fus-east-1%2Fs3%2F"
    "aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&"
    "X-Amz-Signature=abc";

std::string without(const std::string& parameter)
{
    const auto start = complete_query.find(parameter);
    const auto end = complete_query.find('&', start);
    auto query = complete_query;
    return query.erase(start, end == std::string::npos ? end : end + 1 - start);
}

/// "malformed: <message>", or "" when there is nothing to complain about.
std::string complaint(const Request& request)
{
    const auto claim = parse_claim(request);
    if (claim)
        return {};
    return (claim.error().code == FailureCode::malformed ? "malformed: " : "missing: ") +
           claim.error().message;
}

TEST(ParseClaim, ReadsTheAuthorizationHeader)
{
    auto request = signed_by(authorization());
    request.headers.emplace_back("x-amz-security-token", "token");
    request.headers.emplace_back("x-amz-content-sha256", "hash");
    const auto claim = parse_claim(request);
    ASSERT_TRUE(claim) << claim.error().message;
    EXPECT_EQ(claim->form, Form::header);
    EXPECT_EQ(claim->access_key_id, "AKID");
    EXPECT_EQ(claim->scope, (Scope{"20150830", "us-east-1", "iam"}));
    EXPECT_EQ(claim->amz_date, date);
    EXPECT_EQ(format_amz_date(claim->signed_at), date);
    EXPECT_THAT(claim->signed_headers, ElementsAre("host", "x-amz-date"));
    EXPECT_EQ(claim->signature, "abc");
    EXPECT_EQ(claim->session_token, "token");
    EXPECT_EQ(claim->payload_hash, "hash");
}

TEST(ParseClaim, TheAuthorizationHeadersPartsMayComeInAnyOrderAndWithoutBlanks)
{
    EXPECT_EQ(complaint(signed_by("AWS4-HMAC-SHA256 Signature=abc,SignedHeaders=host,Credential="
                                  "AKID/20150830/us-east-1/iam/aws4_request")),
              "");
}

TEST(ParseClaim, TheDateHeaderStandsInForXAmzDate)
{
    auto request = signed_by(authorization());
    request.headers[1] = {"Date", "Sun, 30 Aug 2015 12:36:00 GMT"};
    const auto claim = parse_claim(request);
    ASSERT_TRUE(claim) << claim.error().message;
    EXPECT_EQ(claim->amz_date, date);
}

TEST(ParseClaim, ReadsTheQuery)
{
    auto request = presigned("key=value&" + complete_query + "&X-Amz-Security-Token=a%2Bb%3D");
    request.headers.emplace_back("x-amz-content-sha256", "hash");
    const auto claim = parse_claim(request);
    ASSERT_TRUE(claim) << claim.error().message;
    EXPECT_EQ(claim->form, Form::query);
    EXPECT_EQ(claim->expires, std::chrono::seconds(60));
    EXPECT_EQ(claim->scope.service, "s3");
    EXPECT_EQ(claim->session_token, "a+b=");
    EXPECT_EQ(claim->payload_hash, "hash");
}

TEST(ParseClaim, APayloadHashInTheQueryCountsBeforeTheHeader)
{
    auto request = presigned(complete_query + "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD");
    request.headers.emplace_back("x-amz-content-sha256", "hash");
    EXPECT_EQ(parse_claim(request)->payload_hash, unsigned_payload);
}

TEST(ParseClaim, ARequestWithoutSignatureHasNone)
{
    EXPECT_EQ(complaint(presigned("a=b")), "missing: Request is missing Authentication Token");
}

TEST(ParseClaim, ThereIsOneWayToSignARequest)
{
    auto request = signed_by(authorization());
    request.query = complete_query;
    EXPECT_THAT(complaint(request), HasSubstr("Only one auth mechanism allowed"));
}

TEST(ParseClaim, NothingMayBeGivenTwice)
{
    for (const auto* name : {"Authorization", "host", "X-Amz-Date", "x-amz-content-sha256"}) {
        auto request = signed_by(authorization());
        request.headers.emplace_back("X-Amz-Content-Sha256", "hash");
        request.headers.emplace_back(name, "again");
        EXPECT_THAT(complaint(request), HasSubstr("must not be given more than once")) << name;
    }
    for (const auto* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                             "X-Amz-SignedHeaders", "X-Amz-Signature", "X%2DAmz%2DSignature"})
        EXPECT_THAT(complaint(presigned(complete_query + "&" + name + "=again")),
                    HasSubstr("must not be given more than once"))
            << name;
    EXPECT_THAT(complaint(signed_by(authorization() + ", Signature=again")),
                HasSubstr("must not be given more than once"));
}

TEST(ParseClaim, WhatIsMissingIsNamed)
{
    auto request =
        signed_by("AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/iam/aws4_request");
    request.headers.erase(request.headers.begin() + 1);
    EXPECT_EQ(complaint(request),
              "malformed: Authorization header requires 'SignedHeaders' parameter. Authorization "
              "header requires 'Signature' parameter. Authorization header requires existence of "
              "either a 'X-Amz-Date' or a 'Date' header.");
    for (const auto* parameter : {"X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                                  "X-Amz-SignedHeaders", "X-Amz-Signature"})
        EXPECT_THAT(complaint(presigned(without(parameter))),
                    HasSubstr("Query-string authentication version 4 requires"))
            << parameter;
}

TEST(ParseClaim, OtherAlgorithmsAreRefused)
{
    EXPECT_EQ(complaint(signed_by("AWS4-ECDSA-P256-SHA256 Credential=AKID/20150830/iam/"
                                  "aws4_request, SignedHeaders=host, Signature=abc")),
              "malformed: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.");
    EXPECT_EQ(complaint(signed_by("Bearer token")),
              "malformed: Unsupported AWS 'algorithm': 'Bearer'.");
    EXPECT_EQ(complaint(signed_by("")), "malformed: Unsupported AWS 'algorithm': ''.");
    EXPECT_EQ(complaint(presigned(without("X-Amz-Algorithm"))),
              "malformed: Unsupported AWS 'algorithm': ''.");
}

TEST(ParseClaim, UnknownPartsOfTheHeaderAreRefused)
{
    EXPECT_EQ(complaint(signed_by(authorization() + ", More=x")),
              "malformed: 'More' is not a parameter of the Authorization header.");
    EXPECT_EQ(complaint(signed_by("AWS4-HMAC-SHA256 nonsense")),
              "malformed: 'nonsense' not a valid key=value pair (missing equal-sign) in "
              "Authorization header.");
}

TEST(ParseClaim, ACredentialHasFiveParts)
{
    for (const auto* credential :
         {"AKID", "AKID/20150830/us-east-1/iam", "AKID/20150830//iam/aws4_request",
          "/20150830/us-east-1/iam/aws4_request", "AKID/20150830/us-east-1/iam/aws4_request/"})
        EXPECT_THAT(complaint(signed_by(authorization(credential))),
                    HasSubstr("Credential must have exactly 5 slash-delimited elements"))
            << credential;
    EXPECT_EQ(complaint(signed_by(authorization("AKID/20150830/us-east-1/iam/aws5_request"))),
              "malformed: Credential should be scoped with a valid terminator: 'aws4_request', not "
              "'aws5_request'.");
}

TEST(ParseClaim, TheScopesDateIsTheRequests)
{
    EXPECT_EQ(
        complaint(signed_by(authorization("AKID/20150831/us-east-1/iam/aws4_request"))),
        "malformed: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
        "date from HTTP: '20150831' != '20150830', from '20150830T123600Z'.");
}

TEST(ParseClaim, DatesMustBeDates)
{
    for (const auto* text : {"", "20150830", "2015-08-30T12:36:00Z", "20151330T123600Z",
                             "99990101T000000Z", "00010101T000000Z"}) {
        auto request = signed_by(authorization());
        request.headers[1].second = text;
        EXPECT_THAT(complaint(request), HasSubstr("Date must be in ISO-8601 'basic format'"))
            << text;
    }
}

TEST(ParseClaim, SignedHeadersIncludeTheHost)
{
    EXPECT_EQ(complaint(signed_by(
                  authorization("AKID/20150830/us-east-1/iam/aws4_request", "x-amz-date"))),
              "malformed: 'Host' or ':authority' must be a 'SignedHeader' in the AWS "
              "Authorization.");
}

TEST(ParseClaim, SignedHeadersAreLowerCaseSortedAndUnique)
{
    for (const auto* names : {"", "Host", "host;", ";host", "x-amz-date;host", "host;host"})
        EXPECT_THAT(
            complaint(signed_by(authorization("AKID/20150830/us-east-1/iam/aws4_request", names))),
            HasSubstr("SignedHeaders must be lower-case, sorted"))
            << names;
}

TEST(ParseClaim, ExpiresIsANumber)
{
    for (const auto* expires : {"", "soon", "1.5", "60s", "99999999999999999999"})
        EXPECT_EQ(complaint(presigned(without("X-Amz-Expires") + "&X-Amz-Expires=" + expires)),
                  "malformed: X-Amz-Expires should be a number")
            << expires;
    EXPECT_EQ(complaint(presigned(without("X-Amz-Expires") + "&X-Amz-Expires=-1")),
              "malformed: X-Amz-Expires must be non-negative");
}

} // namespace
} // namespace nimbus::sigv4
