#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nimbus::sigv4 {
namespace {

using std::chrono::seconds;

// The keys of AWS's documentation.
const Credentials iam_example{.access_key_id = "AKIDEXAMPLE",
                              .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const Credentials s3_example{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                             .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

SystemTime at(std::string_view amz_date)
{
    return parse_amz_date(amz_date).value();
}

std::string header(const Request& request, std::string_view name)
{
    const auto found =
        std::ranges::find(request.headers, name, &std::pair<std::string, std::string>::first);
    return found == request.headers.end() ? "" : found->second;
}

std::string signature_of(const Request& request)
{
    constexpr std::string_view label = "Signature=";
    const auto authorization = header(request, "Authorization");
    return authorization.substr(authorization.find(label) + label.size());
}

// AWS IAM User Guide, "Create a signed AWS API request".
TEST(Sign, TheExampleOfTheIamUserGuide)
{
    Request request{
        .method = "GET",
        .path = "/",
        .query = "Action=ListUsers&Version=2010-05-08",
        .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                    {"Host", "iam.amazonaws.com"},
                    {"X-Amz-Date", "20150830T123600Z"}}};
    const auto canonical = canonical_request(request, {"content-type", "host", "x-amz-date"},
                                             crypto::sha256_hex(""), PathRule::standard);
    EXPECT_EQ(crypto::sha256_hex(canonical),
              "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    const Scope scope{.date = "20150830", .region = "us-east-1", .service = "iam"};
    EXPECT_EQ(string_to_sign(canonical, scope, "20150830T123600Z"),
              "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
              "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");

    sign_headers(request, iam_example, "us-east-1", "iam", crypto::sha256_hex(""),
                 at("20150830T123600Z"));
    EXPECT_EQ(header(request, "Authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, "
              "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

// Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring
// payload in a single chunk".
TEST(Sign, TheExamplesOfTheS3ApiReference)
{
    const auto sign = [](Request request, std::string_view body) {
        request.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
        sign_headers(request, s3_example, "us-east-1", "s3", crypto::sha256_hex(body),
                     at("20130524T000000Z"));
        return signature_of(request);
    };
    EXPECT_EQ(sign({.method = "GET", .path = "/test.txt", .headers = {{"Range", "bytes=0-9"}}}, ""),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    EXPECT_EQ(sign({.method = "PUT",
                    .path = "/test%24file.text",
                    .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                {"x-amz-storage-class", "REDUCED_REDUNDANCY"}}},
                   "Welcome to Amazon S3."),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    EXPECT_EQ(sign({.method = "GET", .path = "/", .query = "lifecycle"}, ""),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(sign({.method = "GET", .path = "/", .query = "max-keys=2&prefix=J"}, ""),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

// Amazon S3 API Reference, "Authenticating requests: using query parameters".
TEST(Sign, ThePresignedExampleOfTheS3ApiReference)
{
    const Request request{.method = "GET",
                          .path = "/test.txt",
                          .headers = {{"Host", "examplebucket.s3.amazonaws.com"}}};
    EXPECT_EQ(presign_query(request, s3_example, "us-east-1", "s3", unsigned_payload,
                            seconds(86'400), at("20130524T000000Z")),
              "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
              "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
              "X-Amz-SignedHeaders=host&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Sign, WhatProxiesChangeIsNotSigned)
{
    Request request{.method = "GET",
                    .path = "/",
                    .headers = {{"Host", "example.com"},
                                {"User-Agent", "nimbus"},
                                {"Expect", "100-continue"},
                                {"Connection", "close"},
                                {"X-Amzn-Trace-Id", "Root=1"}}};
    sign_headers(request, iam_example, "us-east-1", "iam", crypto::sha256_hex(""),
                 at("20150830T123600Z"));
    EXPECT_NE(header(request, "Authorization").find("SignedHeaders=host;x-amz-date,"),
              std::string::npos);
}

TEST(Sign, SigningAgainReplacesTheFirstSignature)
{
    Request request{.method = "GET", .path = "/", .headers = {{"Host", "example.com"}}};
    auto session = s3_example;
    session.session_token = "old";
    sign_headers(request, session, "us-east-1", "s3", crypto::sha256_hex("old"),
                 at("20150830T123600Z"));
    session.session_token = "new";
    sign_headers(request, session, "us-east-1", "s3", crypto::sha256_hex("new"),
                 at("20150830T124000Z"));
    EXPECT_EQ(request.headers.size(), 5U);
    EXPECT_EQ(header(request, "X-Amz-Date"), "20150830T124000Z");
    EXPECT_EQ(header(request, "X-Amz-Security-Token"), "new");
    EXPECT_EQ(header(request, "X-Amz-Content-Sha256"), crypto::sha256_hex("new"));
}

TEST(Sign, ARequestWithoutHostIsABug)
{
    Request request{.method = "GET", .path = "/"};
    EXPECT_THROW(sign_headers(request, iam_example, "us-east-1", "iam", "", at("20150830T123600Z")),
                 std::invalid_argument);
}

// Made with botocore's signer and checked with an independent HMAC chain.
struct TokenVector {
    std::string_view action;
    seconds expires;
    std::string session_token;
    std::string_view signature;
};

TEST(DsqlToken, IsWhatAwsOwnSignersMake)
{
    constexpr std::string_view host = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";
    const std::array<TokenVector, 3> vectors{
        {{"DbConnectAdmin", seconds(900), "",
          "2cb939849b7c0ce791a2daf4e78b7de3a1ba25c0bc814a4d1f267102965afae6"},
         {"DbConnect", seconds(900), "",
          "6dc6b6fbe346432784db81c39d39cccd062feec33de3fe86eeee47f09b84177c"},
         {"DbConnect", seconds(3'600), "IQoJb3JpZ2luX2VjEXAMPLE+/token==",
          "6b27d23cf7df8226b065945bf241abef44b32fbe3f7af9f23c15f8dddb0f0561"}}};
    for (const auto& [action, expires, session_token, expected] : vectors) {
        auto credentials = iam_example;
        credentials.session_token = session_token;
        const auto token =
            dsql_token(host, action, credentials, "us-east-1", expires, at("20261001T120000Z"));
        EXPECT_TRUE(token.ends_with("&X-Amz-Signature=" + std::string(expected))) << token;
    }
}

TEST(DsqlToken, IsTheUrlWithoutItsScheme)
{
    EXPECT_EQ(dsql_token("abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", "DbConnectAdmin",
                         iam_example, "us-east-1", seconds(900), at("20261001T120000Z")),
              "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&"
              "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261001%2F"
              "us-east-1%2Fdsql%2Faws4_request&X-Amz-Date=20261001T120000Z&X-Amz-Expires=900&"
              "X-Amz-SignedHeaders=host&X-Amz-Signature="
              "2cb939849b7c0ce791a2daf4e78b7de3a1ba25c0bc814a4d1f267102965afae6");
}

} // namespace
} // namespace nimbus::sigv4
