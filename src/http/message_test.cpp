#include "http/message.h"

#include <gtest/gtest.h>

namespace nimbus::http {
namespace {

TEST(Headers, CompareWithoutCaseAndKeepTheirOrder)
{
    Headers headers{{"Content-Type", "a"}, {"X-Id", "1"}, {"x-id", "2"}};
    EXPECT_EQ(headers.get("content-type"), "a");
    EXPECT_EQ(headers.get("X-ID"), "1");
    EXPECT_FALSE(headers.find("missing"));
    headers.set("x-ID", "3");
    EXPECT_EQ(headers.entries().size(), 2u);
    EXPECT_EQ(headers.get("x-id"), "3");
}

TEST(Request, SplitsItsTarget)
{
    EXPECT_EQ((Request{.target = "/a/b?c=d?e"}).path(), "/a/b");
    EXPECT_EQ((Request{.target = "/a/b?c=d?e"}).query(), "c=d?e");
    EXPECT_EQ((Request{.target = "/a"}).query(), "");
}

TEST(ParseQuery, DecodesNamesAndValues)
{
    const auto parameters = parse_query("a=1&b=x%20y+z&&c&a=%C3%BC");
    ASSERT_EQ(parameters.size(), 4u);
    EXPECT_EQ(parameters[1].second, "x y z");
    EXPECT_EQ(parameters[2], (std::pair<std::string, std::string>("c", "")));
    EXPECT_EQ(parameters[3], (std::pair<std::string, std::string>("a", "ü")));
}

} // namespace
} // namespace nimbus::http
