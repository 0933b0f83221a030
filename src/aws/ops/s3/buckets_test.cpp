#include "aws/ops/s3/buckets.h"

#include <gtest/gtest.h>

namespace nimbus::aws::s3 {
namespace {

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

TEST(S3HeadBucket, CanInsistOnTheOwner)
{
    const auto request = HeadBucket{.bucket = "b", .expected_owner = "123456789012"}.encode();
    EXPECT_EQ(request.headers.get("x-amz-expected-bucket-owner"), "123456789012");
    EXPECT_EQ(HeadBucket{.bucket = "b"}.encode().headers.get("x-amz-expected-bucket-owner"), "");
}

} // namespace
} // namespace nimbus::aws::s3
