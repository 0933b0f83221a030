#include "aws/web_page.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

TEST(WebPage, IsKnownByItsTypeOrItsBeginning)
{
    EXPECT_TRUE(is_web_page({.headers = {{"Content-Type", "text/html; charset=utf-8"}}}));
    EXPECT_TRUE(is_web_page({.body = "\n<!DOCTYPE HTML>\n<html></html>"}));
    EXPECT_TRUE(is_web_page({.body = "<HTML><body>Denied</body></HTML>"}));
    EXPECT_FALSE(is_web_page({.body = "<Error><Code>AccessDenied</Code></Error>"}));
    EXPECT_FALSE(is_web_page({.body = "{}"}));
    EXPECT_FALSE(is_web_page({}));
}

TEST(WebPage, IsNoneWhereAwsAnsweredItself)
{
    const std::string page = "<html></html>";
    EXPECT_FALSE(is_web_page({.headers = {{"x-amz-request-id", "4442587FB7D0A2F9"}}, .body = page}))
        << "an object in S3";
    EXPECT_FALSE(is_web_page({.headers = {{"x-amzn-RequestId", "1-2-3"}}, .body = page}));
}

TEST(WebPage, IsDescribedByItsTitle)
{
    EXPECT_EQ(describe_web_page({.status = 403,
                                 .body = "<html><head><TITLE lang=en>\n Access\ndenied "
                                         "</title></head></html>"}),
              "a web page, 'Access denied' (HTTP status 403)");
    EXPECT_EQ(describe_web_page({.status = 200, .body = "<html>"}), "a web page (HTTP status 200)");
    EXPECT_EQ(describe_web_page({.body = "<title>" + std::string(1000, 'x') + "</title>"}),
              "a web page (HTTP status 200)");
}

} // namespace
} // namespace nimbus::aws
