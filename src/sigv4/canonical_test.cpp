#include "sigv4/sigv4.h"

#include <gtest/gtest.h>

namespace nimbus::sigv4 {
namespace {

std::string line(std::string_view text, int number)
{
    for (; number > 1; --number)
        text.remove_prefix(text.find('\n') + 1);
    return std::string(text.substr(0, text.find('\n')));
}

std::string path(const std::string& sent, PathRule rule = PathRule::standard)
{
    return line(canonical_request({.method = "GET", .path = sent}, {}, "hash", rule), 2);
}

std::string query(const std::string& sent)
{
    return line(canonical_request({.method = "GET", .path = "/", .query = sent}, {}, "hash",
                                  PathRule::standard),
                3);
}

std::string header(const HeaderList& headers, const std::string& name)
{
    return line(canonical_request({.method = "GET", .path = "/", .headers = headers}, {name},
                                  "hash", PathRule::standard),
                4);
}

TEST(CanonicalRequest, HasSixPartsOfWhichHeadersEndInAnEmptyLine)
{
    const Request request{.method = "PUT",
                          .path = "/a",
                          .query = "b=c",
                          .headers = {{"Host", "example.com"}, {"X-B", "2"}, {"X-Unsigned", "3"}}};
    EXPECT_EQ(canonical_request(request, {"host", "x-b"}, "hash", PathRule::standard),
              "PUT\n/a\nb=c\nhost:example.com\nx-b:2\n\nhost;x-b\nhash");
}

TEST(CanonicalRequest, PathsAreNormalisedAndEncodedOnceMore)
{
    EXPECT_EQ(path(""), "/");
    EXPECT_EQ(path("//a//b/"), "/a/b/");
    EXPECT_EQ(path("/a/./b/../c"), "/a/c");
    EXPECT_EQ(path("/a/b/.."), "/a/");
    EXPECT_EQ(path("/../.."), "/");
    EXPECT_EQ(path("/functions/arn%3Aaws"), "/functions/arn%253Aaws");
    EXPECT_EQ(path("/%2E%2E/a"), "/%252E%252E/a");
}

TEST(CanonicalRequest, S3KeysStayAsTheyAreAndAreEncodedOnce)
{
    EXPECT_EQ(path("", PathRule::s3), "/");
    EXPECT_EQ(path("/bucket//a/../b", PathRule::s3), "/bucket//a/../b");
    EXPECT_EQ(path("/bucket/a%20b$c", PathRule::s3), "/bucket/a%20b%24c");
    EXPECT_EQ(path("/bucket/a%c3%a9%7e", PathRule::s3), "/bucket/a%C3%A9~");
    EXPECT_EQ(path("/bucket/100%", PathRule::s3), "/bucket/100%25");
}

TEST(CanonicalRequest, OnlyTheFamilyOfS3HasItsPathRule)
{
    EXPECT_EQ(path_rule_for("s3"), PathRule::s3);
    EXPECT_EQ(path_rule_for("s3express"), PathRule::s3);
    EXPECT_EQ(path_rule_for("dsql"), PathRule::standard);
    EXPECT_EQ(path_rule_for("s3tables"), PathRule::standard);
}

TEST(CanonicalRequest, QueriesAreSortedByNameThenValue)
{
    EXPECT_EQ(query("b=2&a=2&B=1&a=1"), "B=1&a=1&a=2&b=2");
    // By name, not by the whole: '-' sorts before '='.
    EXPECT_EQ(query("a-=1&a=2"), "a=2&a-=1");
}

TEST(CanonicalRequest, QueriesHaveOneSpelling)
{
    EXPECT_EQ(query("flag&empty="), "empty=&flag=");
    EXPECT_EQ(query("a=b+c&d=%7e%2f"), "a=b%20c&d=~%2F");
    EXPECT_EQ(query("a==b&&c=%zz"), "a=%3Db&c=%25zz");
}

TEST(CanonicalRequest, ASignatureDoesNotCoverItself)
{
    EXPECT_EQ(query("a=1&X-Amz-Signature=abc"), "a=1");
}

TEST(CanonicalRequest, HeaderValuesAreTrimmedCollapsedAndJoined)
{
    EXPECT_EQ(header({{"My", "  a   b\t c  "}}, "my"), "my:a b c");
    EXPECT_EQ(header({{"My", "b"}, {"Other", "x"}, {"MY", " a"}}, "my"), "my:b,a");
    EXPECT_EQ(header({}, "my"), "my:");
}

} // namespace
} // namespace nimbus::sigv4
