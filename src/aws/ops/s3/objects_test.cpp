#include "aws/ops/s3/objects.h"
#include "base/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nimbus::aws::s3 {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(S3PutObject, CanBeConditional)
{
    const auto create =
        PutObject{.bucket = "b", .key = "p/s.lock", .body = "x", .if_none_match = "*"}.encode();
    EXPECT_EQ(create.method, "PUT");
    EXPECT_EQ(create.bucket, "b");
    EXPECT_EQ(create.path, "/p/s.lock");
    EXPECT_EQ(create.body, "x");
    EXPECT_EQ(create.headers.get("Content-Type"), "application/octet-stream");
    EXPECT_EQ(create.headers.get("If-None-Match"), "*");
    EXPECT_FALSE(create.headers.contains("If-Match"));

    const auto replace = PutObject{.bucket = "b", .key = "k", .if_match = "\"e1\""}.encode();
    EXPECT_EQ(replace.headers.get("If-Match"), "\"e1\"");
    EXPECT_FALSE(replace.headers.contains("If-None-Match"));
    EXPECT_EQ(PutObject::decode({.headers = {{"ETag", "\"e2\""}}}).etag, "\"e2\"");
}

TEST(S3PutObject, CarriesTheBodysChecksum)
{
    const auto request = PutObject{.bucket = "b", .key = "k", .body = "abc"}.encode();
    EXPECT_EQ(request.headers.get("x-amz-sdk-checksum-algorithm"), "SHA256");
    EXPECT_EQ(request.headers.get("x-amz-checksum-sha256"),
              "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST(S3PutObject, EscapesTheKeyButItsSlashes)
{
    EXPECT_EQ((PutObject{.bucket = "b", .key = "a b/ü+?#/~x"}.encode().path),
              "/a%20b/%C3%BC%2B%3F%23/~x");
}

TEST(S3Objects, MustHaveAKey)
{
    EXPECT_THROW((DeleteObject{.bucket = "b"}.encode()), std::invalid_argument)
        << "it would delete the bucket";
    EXPECT_THROW((PutObject{.bucket = "b"}.encode()), std::invalid_argument);
}

TEST(S3GetObject, GivesBodyAndETag)
{
    const auto request = GetObject{.bucket = "b", .key = "k", .if_match = "\"e\""}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/k");
    EXPECT_EQ(request.headers.get("If-Match"), "\"e\"");
    const auto object = GetObject::decode(
        {.headers = {{"ETag", "\"e\""}, {"Content-Type", "text/plain"}}, .body = "data"});
    EXPECT_EQ(object.body, "data");
    EXPECT_EQ(object.etag, "\"e\"");
    EXPECT_EQ(object.content_type, "text/plain");
}

TEST(S3GetObject, TellsTheObjectsAgeByS3sClock)
{
    const auto object =
        GetObject::decode({.headers = {{"Last-Modified", "Sun, 01 Dec 2024 12:00:00 GMT"},
                                       {"Date", "Sun, 01 Dec 2024 12:00:07 GMT"}}});
    ASSERT_TRUE(object.answered_at);
    EXPECT_EQ(*object.answered_at - object.last_modified, std::chrono::seconds(7));
    EXPECT_FALSE(GetObject::decode({}).answered_at);
}

TEST(S3HeadObject, GivesTheSize)
{
    EXPECT_EQ((HeadObject{.bucket = "b", .key = "k"}.encode().method), "HEAD");
    const auto object =
        HeadObject::decode({.headers = {{"ETag", "\"e\""}, {"Content-Length", "5000000000"}}});
    EXPECT_EQ(object.content_length, 5'000'000'000);
    EXPECT_THROW(HeadObject::decode({.headers = {{"Content-Length", "many"}}}), Error);
}

TEST(S3DeleteObject, CanBeConditional)
{
    const auto request = DeleteObject{.bucket = "b", .key = "k", .if_match = "\"e\""}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/k");
    EXPECT_EQ(request.headers.get("If-Match"), "\"e\"");
}

TEST(S3ListObjectsV2, AsksForEscapedKeys)
{
    EXPECT_EQ(
        (ListObjectsV2{
            .bucket = "b", .prefix = "p/", .delimiter = "/", .max_keys = 2, .next_token = "t="}
             .encode()
             .query),
        (Query{{"list-type", "2"},
               {"prefix", "p/"},
               {"delimiter", "/"},
               {"max-keys", "2"},
               {"continuation-token", "t="},
               {"encoding-type", "url"}}));
}

TEST(S3ListObjectsV2, GivesAPage)
{
    const auto page = ListObjectsV2::decode({.body = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/>
<KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><EncodingType>url</EncodingType>
<IsTruncated>true</IsTruncated><NextContinuationToken>next=</NextContinuationToken>
<Contents><Key>a+b%2B%C3%BC</Key><LastModified>2033-05-18T03:33:20.000Z</LastModified>
<ETag>&quot;e&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents>
<CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes></ListBucketResult>)"});
    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].key, "a b+ü");
    EXPECT_EQ(page.objects[0].etag, "\"e\"");
    EXPECT_EQ(page.objects[0].size, 434'234);
    EXPECT_EQ(page.objects[0].last_modified, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(page.common_prefixes, std::vector<std::string>{"photos/"});
    EXPECT_EQ(page.next_token, "next=");
}

TEST(S3ListObjectsV2, EndsWhereItIsNotTruncated)
{
    const auto page = ListObjectsV2::decode(
        {.body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"});
    EXPECT_TRUE(page.objects.empty());
    EXPECT_EQ(page.next_token, "");
    EXPECT_THROW(ListObjectsV2::decode({.body = "<Other/>"}), Error);
}

} // namespace
} // namespace nimbus::aws::s3
