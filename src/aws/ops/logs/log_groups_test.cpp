#include "aws/ops/logs/log_groups.h"

#include <gtest/gtest.h>

namespace nimbus::aws::logs {
namespace {

void expect_call(const Encoded& request, const std::string& operation, const std::string& body)
{
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-amz-json-1.1");
    EXPECT_EQ(request.headers.get("X-Amz-Target"), "Logs_20140328." + operation);
    EXPECT_EQ(request.body, body);
}

TEST(LogGroups, AreMadeKeptAndDeleted)
{
    expect_call(CreateLogGroup{.log_group_name = "/aws/lambda/f", .tags = {{"k", "v"}}}.encode(),
                "CreateLogGroup", R"({"logGroupName":"/aws/lambda/f","tags":{"k":"v"}})");
    expect_call(PutRetentionPolicy{.log_group_name = "g", .retention_days = 14}.encode(),
                "PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":14})");
    expect_call(DeleteRetentionPolicy{.log_group_name = "g"}.encode(), "DeleteRetentionPolicy",
                R"({"logGroupName":"g"})");
    expect_call(DeleteLogGroup{.log_group_name = "g"}.encode(), "DeleteLogGroup",
                R"({"logGroupName":"g"})");
}

TEST(LogGroups, AreDescribedInPages)
{
    expect_call(
        DescribeLogGroups{.log_group_name_prefix = "/aws", .limit = 5, .next_token = "n"}.encode(),
        "DescribeLogGroups", R"({"logGroupNamePrefix":"/aws","nextToken":"n","limit":5})");
    expect_call(DescribeLogGroups{}.encode(), "DescribeLogGroups", "{}");
    const auto page = DescribeLogGroups::decode({.body = R"({"logGroups":[
            {"arn":"arn:aws:logs:us-east-1:1:log-group:a:*","creationTime":1700000000123,
             "logGroupArn":"arn:aws:logs:us-east-1:1:log-group:a","logGroupName":"a",
             "retentionInDays":14,"storedBytes":7,"metricFilterCount":0},
            {"arn":"arn:aws:logs:us-east-1:1:log-group:b:*","creationTime":1,"logGroupName":"b"}],
            "nextToken":"m"})"});
    ASSERT_EQ(page.log_groups.size(), 2U);
    EXPECT_EQ(page.log_groups[0].log_group_name, "a");
    EXPECT_EQ(page.log_groups[0].arn, "arn:aws:logs:us-east-1:1:log-group:a");
    EXPECT_EQ(page.log_groups[0].creation_time, from_unix_milliseconds(1'700'000'000'123));
    EXPECT_EQ(page.log_groups[0].retention_days, 14);
    EXPECT_EQ(page.log_groups[0].stored_bytes, 7);
    EXPECT_EQ(page.log_groups[1].arn, "arn:aws:logs:us-east-1:1:log-group:b");
    EXPECT_FALSE(page.log_groups[1].retention_days);
    EXPECT_EQ(page.next_token, "m");
}

TEST(LogGroups, HaveTags)
{
    expect_call(TagResource{.resource_arn = "arn", .tags = {{"k", "v"}}}.encode(), "TagResource",
                R"({"resourceArn":"arn","tags":{"k":"v"}})");
    expect_call(ListTagsForResource{.resource_arn = "arn"}.encode(), "ListTagsForResource",
                R"({"resourceArn":"arn"})");
    EXPECT_EQ(ListTagsForResource::decode({.body = R"({"tags":{"k":"v"}})"}).tags,
              (Tags{{"k", "v"}}));
}

} // namespace
} // namespace nimbus::aws::logs
