#include "aws/ops/logs/log_events.h"

#include <gtest/gtest.h>

namespace nimbus::aws::logs {
namespace {

const auto start = from_unix_milliseconds(1'700'000'000'123);
const auto end = from_unix_milliseconds(1'700'000'060'000);

void expect_call(const Encoded& request, const std::string& operation, const std::string& body)
{
    EXPECT_EQ(request.headers.get("X-Amz-Target"), "Logs_20140328." + operation);
    EXPECT_EQ(request.body, body);
}

TEST(LogStreams, AreListedByNameOrTime)
{
    expect_call(
        DescribeLogStreams{.log_group_name = "g", .log_stream_name_prefix = "2024/"}.encode(),
        "DescribeLogStreams", R"({"logGroupName":"g","logStreamNamePrefix":"2024/"})");
    expect_call(
        DescribeLogStreams{
            .log_group_name = "g", .newest_first = true, .limit = 3, .next_token = "n"}
            .encode(),
        "DescribeLogStreams",
        R"({"logGroupName":"g","orderBy":"LastEventTime","descending":true,"nextToken":"n","limit":3})");
    const auto page = DescribeLogStreams::decode(
        {.body = R"({"logStreams":[{"arn":"arn","creationTime":1700000000123,
                     "lastEventTimestamp":1700000060000,"logStreamName":"s","storedBytes":0},
                     {"creationTime":1,"logStreamName":"empty"}],"nextToken":"m"})"});
    ASSERT_EQ(page.log_streams.size(), 2U);
    EXPECT_EQ(page.log_streams[0].log_stream_name, "s");
    EXPECT_EQ(page.log_streams[0].creation_time, start);
    EXPECT_EQ(page.log_streams[0].last_event_time, end);
    EXPECT_FALSE(page.log_streams[1].last_event_time);
    EXPECT_EQ(page.next_token, "m");
}

TEST(LogEvents, AreFilteredOverStreams)
{
    expect_call(FilterLogEvents{.log_group_name = "g",
                                .log_stream_names = {"a", "b"},
                                .start_time = start,
                                .end_time = end,
                                .filter_pattern = "ERROR",
                                .limit = 100,
                                .next_token = "n"}
                    .encode(),
                "FilterLogEvents",
                R"({"logGroupName":"g","logStreamNames":["a","b"],"startTime":1700000000123,)"
                R"("endTime":1700000060000,"filterPattern":"ERROR","nextToken":"n","limit":100})");
    const auto page = FilterLogEvents::decode(
        {.body = R"({"events":[{"eventId":"e1","ingestionTime":1700000060000,"logStreamName":"a",
                     "message":"ERROR ü\n","timestamp":1700000000123}],
                     "searchedLogStreams":[],"nextToken":"m"})"});
    ASSERT_EQ(page.events.size(), 1U);
    EXPECT_EQ(page.events[0].event_id, "e1");
    EXPECT_EQ(page.events[0].log_stream_name, "a");
    EXPECT_EQ(page.events[0].timestamp, start);
    EXPECT_EQ(page.events[0].ingestion_time, end);
    EXPECT_EQ(page.events[0].message, "ERROR ü\n");
    EXPECT_EQ(page.next_token, "m");
}

TEST(LogEvents, OfOneStreamAreReadBothWays)
{
    expect_call(
        GetLogEvents{.log_group_name = "g", .log_stream_name = "s", .position = "f/1"}.encode(),
        "GetLogEvents",
        R"({"logGroupName":"g","logStreamName":"s","nextToken":"f/1","startFromHead":true})");
    const auto page = GetLogEvents::decode(
        {.body = R"({"events":[{"timestamp":1700000000123,"message":"m","ingestionTime":1}],
                     "nextForwardToken":"f/2","nextBackwardToken":"b/2"})"});
    ASSERT_EQ(page.events.size(), 1U);
    EXPECT_EQ(page.events[0].message, "m");
    EXPECT_EQ(page.next_forward_token, "f/2");
    EXPECT_EQ(page.next_backward_token, "b/2");
}

} // namespace
} // namespace nimbus::aws::logs
