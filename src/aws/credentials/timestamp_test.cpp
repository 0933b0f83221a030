#include "aws/credentials/timestamp.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

TEST(ParseTimestamp, ReadsWhatAwssToolsWrite)
{
    const auto time = from_unix_milliseconds(2'000'000'000'000);
    for (const char* text :
         {"2033-05-18T03:33:20Z", "2033-05-18T03:33:20.000Z", "2033-05-18T03:33:20UTC",
          "2033-05-18T03:33:20+00:00", "2033-05-18T05:33:20+02:00", "2033-05-17T22:03:20-05:30",
          "2033-05-18T03:33:20.000000+00:00"})
        EXPECT_EQ(parse_timestamp(text), time) << text;
}

TEST(ParseTimestamp, RefusesWhatIsNoTime)
{
    for (const char* text :
         {"", "UTC", "+00:00", "tomorrow", "2033-05-18T03:33:20", "2033-05-18T03:33:20+25:00",
          "2033-05-18T03:33:20+2:000", "2033-05-18T03:33:20*02:00", "2033-05-18T03:33:20Z+02:00"})
        EXPECT_FALSE(parse_timestamp(text)) << text;
}

} // namespace
} // namespace nimbus::aws
