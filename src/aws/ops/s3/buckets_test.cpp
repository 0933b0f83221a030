#include "aws/ops/s3/buckets.h"
#include "base/encoding.h"
#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace nimbus::aws::s3 {
namespace {

void expect_setting(const Encoded& request, const std::string& setting, const std::string& body)
{
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.bucket, "b");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.query, (std::vector<std::pair<std::string, std::string>>{{setting, ""}}));
    EXPECT_EQ(request.headers.get("Content-Type"), "application/xml");
    EXPECT_EQ(request.headers.get("Content-MD5"), base64_encode(crypto::md5(request.body)));
    EXPECT_EQ(request.body, body);
}

TEST(S3CreateBucket, NamesTheRegionWhereItIsNotTheDefault)
{
    const auto request = CreateBucket{.bucket = "b", .region = "eu-west-1"}.encode();
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.bucket, "b");
    EXPECT_EQ(request.body,
              R"(<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
              "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>");
    EXPECT_EQ((CreateBucket{.bucket = "b", .region = "us-east-1"}.encode().body), "");
}

TEST(S3HeadBucket, TellsTheRegion)
{
    const auto request = HeadBucket{.bucket = "b"}.encode();
    EXPECT_EQ(request.method, "HEAD");
    EXPECT_EQ(request.bucket, "b");
    EXPECT_EQ(HeadBucket::decode({.headers = {{"x-amz-bucket-region", "eu-west-1"}}}).region,
              "eu-west-1");
}

TEST(S3BucketSettings, GoWithAChecksum)
{
    expect_setting(
        PutPublicAccessBlock{.bucket = "b"}.encode(), "publicAccessBlock",
        R"(<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
        "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
        "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true"
        "</RestrictPublicBuckets></PublicAccessBlockConfiguration>");
    expect_setting(PutBucketVersioning{.bucket = "b"}.encode(), "versioning",
                   R"(<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
                   "<Status>Enabled</Status></VersioningConfiguration>");
    expect_setting(PutBucketTagging{.bucket = "b", .tags = {{"k", "a<b&c"}}}.encode(), "tagging",
                   R"(<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag>)"
                   "<Key>k</Key><Value>a&lt;b&amp;c</Value></Tag></TagSet></Tagging>");
    EXPECT_NE((PutBucketVersioning{.bucket = "b", .enabled = false}.encode().body)
                  .find("<Status>Suspended</Status>"),
              std::string::npos);
}

} // namespace
} // namespace nimbus::aws::s3
