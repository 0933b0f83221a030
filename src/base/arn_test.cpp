#include "base/arn.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(Arn, IsMadeOfItsParts)
{
    const Arn cluster{.service = "dsql",
                      .region = "us-east-1",
                      .account = "123456789012",
                      .resource = "cluster/a"};
    EXPECT_EQ(cluster.to_string(), "arn:aws:dsql:us-east-1:123456789012:cluster/a");
}

TEST(Arn, LeavesRegionAndAccountEmptyWhereTheServiceHasNone)
{
    const Arn bucket{.partition = "aws-cn", .service = "s3", .resource = "bucket/key"};
    EXPECT_EQ(bucket.to_string(), "arn:aws-cn:s3:::bucket/key");
}

TEST(Arn, ReadsBackWhatItWrites)
{
    for (const auto* text : {"arn:aws:s3:::bucket", "arn:aws:iam::123456789012:role/path/name",
                             "arn:aws-us-gov:apigateway:us-gov-west-1::/apis/a",
                             "arn:aws:lambda:us-east-1:123456789012:function:name:alias"}) {
        const auto arn = Arn::parse(text);
        ASSERT_TRUE(arn) << text;
        EXPECT_EQ(arn->to_string(), text);
    }
}

TEST(Arn, KeepsColonsOfTheResource)
{
    const auto arn = Arn::parse("arn:aws:lambda:us-east-1:123456789012:function:name:alias");
    ASSERT_TRUE(arn);
    EXPECT_EQ(arn->service, "lambda");
    EXPECT_EQ(arn->region, "us-east-1");
    EXPECT_EQ(arn->account, "123456789012");
    EXPECT_EQ(arn->resource, "function:name:alias");
}

TEST(Arn, RefusesTextThatLacksAPart)
{
    for (const auto* text :
         {"", "*", "arn", "arn:aws:s3", "arn:aws:s3::", "arn:aws:s3:::", "arn::s3:::bucket",
          "arn:aws::us-east-1:123456789012:name", "ARN:aws:s3:::bucket", "urn:aws:s3:::bucket"})
        EXPECT_FALSE(Arn::parse(text)) << text;
}

} // namespace
} // namespace nimbus
