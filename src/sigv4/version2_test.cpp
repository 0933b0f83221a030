#include "sigv4/version2.h"

#include <gtest/gtest.h>

namespace nimbus::sigv4::version2 {
namespace {

// The example of the Amazon S3 User Guide, "Signing and authenticating REST requests".
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The guide's "query string authentication example".
Request published()
{
    return {.method = "GET",
            .path = "/johnsmith/photos/puppy.jpg",
            .query =
                "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
                "&Expires=1175139620",
            .headers = {{"Host", "johnsmith.s3.amazonaws.com"}}};
}

constexpr std::int64_t expiry = 1'175'139'620;

bool holds(const Request& request, std::int64_t now = expiry - 60)
{
    const auto claim = version2::parse_claim(request);
    return claim && version2::verify(*claim, request, secret, from_unix_milliseconds(now * 1000))
                        .has_value();
}

/// A link to the object with these parameters, signed as given.
Request link(const std::string& parameters, const std::string& text)
{
    auto request = published();
    request.query =
        parameters + "&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature=";
    for (const auto c : signature(secret, text))
        request.query += c == '+' ? "%2B" : std::string(1, c);
    return request;
}

TEST(SignatureVersion2, ThePublishedExampleHolds)
{
    EXPECT_TRUE(is_claimed(published()));
    EXPECT_TRUE(holds(published()));
}

TEST(SignatureVersion2, EndsWhenItSays)
{
    EXPECT_TRUE(holds(published(), expiry));
    EXPECT_FALSE(holds(published(), expiry + 1));
}

TEST(SignatureVersion2, CoversMethodPathAndTime)
{
    auto request = published();
    request.method = "PUT";
    EXPECT_FALSE(holds(request));
    request = published();
    request.path = "/johnsmith/photos/kitten.jpg";
    EXPECT_FALSE(holds(request));
    request = published();
    request.query.back() = '1';
    EXPECT_FALSE(holds(request));
}

TEST(SignatureVersion2, CoversWhatChangesTheAnswer)
{
    const std::string text =
        "GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg?response-content-type=x/y";
    EXPECT_TRUE(holds(link("response-content-type=x%2Fy", text)));
    EXPECT_FALSE(holds(link("response-content-type=x%2Fz", text)));
    EXPECT_FALSE(holds(link("response-content-type=x%2Fy&versionId=1", text)));
}

TEST(SignatureVersion2, CoversAmazonsHeadersWhereverTheyAre)
{
    const std::string text = "GET\n\ntext/plain\n1175139620\nx-amz-acl:private\n"
                             "/johnsmith/photos/puppy.jpg";
    EXPECT_TRUE(holds(link("content-type=text%2Fplain&x-amz-acl=private", text)));
    auto request = link("content-type=text%2Fplain", text);
    EXPECT_FALSE(holds(request));
    request.headers.emplace_back("X-Amz-Acl", "private");
    EXPECT_TRUE(holds(request));
    request.headers.emplace_back("X-Amz-Copy-Source", "other/secret");
    EXPECT_FALSE(holds(request));
}

TEST(SignatureVersion2, TakesABucketWithAndWithoutItsSlash)
{
    for (const auto* path : {"/johnsmith", "/johnsmith/"}) {
        auto request = link("prefix=a", std::string("GET\n\n\n1175139620\n") + path);
        request.path = "/johnsmith";
        EXPECT_TRUE(holds(request)) << path;
    }
}

TEST(SignatureVersion2, HasToBeComplete)
{
    for (const auto* query :
         {"AWSAccessKeyId=A&Expires=1", "Signature=x&Expires=1", "AWSAccessKeyId=A&Signature=x",
          "AWSAccessKeyId=A&Signature=x&Expires=y",
          "AWSAccessKeyId=A&AWSAccessKeyId=B&Signature=x&Expires=1"}) {
        auto request = published();
        request.query = query;
        EXPECT_TRUE(is_claimed(request)) << query;
        EXPECT_FALSE(version2::parse_claim(request)) << query;
    }
}

} // namespace
} // namespace nimbus::sigv4::version2
