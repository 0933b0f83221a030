#include "http/request_head.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace nimbus::http {
namespace {

/// The head that a text begins with; fails where Beast itself refuses it.
std::optional<RequestHead> parsed(const std::string& text)
{
    boost::beast::http::request_parser<boost::beast::http::string_body> parser;
    boost::beast::error_code error;
    parser.eager(false);
    parser.put(boost::asio::buffer(text), error);
    if (error || !parser.is_header_done())
        return std::nullopt;
    return parser.get().base();
}

struct Case {
    const char* name;
    const char* head; ///< without the empty line at its end
    bool accepted;
};

class RequestHeads : public testing::TestWithParam<Case> {};

TEST_P(RequestHeads, AreTakenOrRefusedAsRfc9112Says)
{
    const auto& one = GetParam();
    const auto head = parsed(std::string(one.head) + "\r\n\r\n");
    EXPECT_EQ(head && is_well_formed(*head), one.accepted) << one.head;
}

INSTANTIATE_TEST_SUITE_P(
    Host, RequestHeads,
    testing::Values(Case{"once", "GET / HTTP/1.1\r\nHost: example.com:8080", true},
                    Case{"empty", "GET / HTTP/1.1\r\nHost:", true},
                    Case{"address6", "GET / HTTP/1.1\r\nHost: [::1]:80", true},
                    Case{"missing", "GET / HTTP/1.1\r\nX: y", false},
                    Case{"missingInHttp10", "GET / HTTP/1.0\r\nX: y", true},
                    Case{"twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a", false},
                    Case{"user", "GET / HTTP/1.1\r\nHost: me@example.com", false},
                    Case{"path", "GET / HTTP/1.1\r\nHost: a/b", false},
                    Case{"blank", "GET / HTTP/1.1\r\nHost: a b", false},
                    Case{"blankBeforeColon", "GET / HTTP/1.1\r\nHost : a", false}),
    [](const auto& one) { return std::string(one.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Target, RequestHeads,
    testing::Values(Case{"origin", "GET /a?b=c HTTP/1.1\r\nHost: a", true},
                    Case{"absolute", "GET http://a:80/b HTTP/1.1\r\nHost: a", true},
                    Case{"absoluteWithoutPath", "GET http://a HTTP/1.1\r\nHost: a", true},
                    Case{"absoluteWithoutHost", "GET http:///b HTTP/1.1\r\nHost: a", false},
                    Case{"absoluteWithUser", "GET http://me@a/b HTTP/1.1\r\nHost: a", false},
                    Case{"otherScheme", "GET ftp://a/b HTTP/1.1\r\nHost: a", false},
                    Case{"relative", "GET a/b HTTP/1.1\r\nHost: a", false},
                    Case{"asteriskOfOptions", "OPTIONS * HTTP/1.1\r\nHost: a", true},
                    Case{"asteriskOfAnother", "GET * HTTP/1.1\r\nHost: a", false},
                    Case{"authority", "CONNECT a:80 HTTP/1.1\r\nHost: a", true},
                    Case{"pathOfConnect", "CONNECT /a HTTP/1.1\r\nHost: a", false}),
    [](const auto& one) { return std::string(one.param.name); });

// How requests are smuggled past one of two servers that disagree on where a body ends.
INSTANTIATE_TEST_SUITE_P(
    Length, RequestHeads,
    testing::Values(
        Case{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", true},
        Case{"length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3", true},
        Case{"both",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
             false},
        Case{"bothTheOtherWay",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3",
             false},
        Case{"twoLengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4",
             false},
        Case{"listOfLengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4", false},
        Case{"signedLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3", false},
        Case{"hexadecimalLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3", false},
        Case{"hugeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999",
             false},
        Case{"chunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked", false},
        Case{"otherCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked", false},
        Case{"chunkedNotLast", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity",
             false},
        Case{"chunkedAndOneThatEndsAlike",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, xchunked", false},
        Case{"codingTwice",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
             "identity",
             false},
        Case{"blankBeforeColon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked",
             false}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(PathOfTarget, IsWhatFollowsTheHost)
{
    const auto path = [](const std::string& target) {
        return path_of_target(*parsed("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    };
    EXPECT_EQ(path("/a?b"), "/a?b");
    EXPECT_EQ(path("http://host:1/a?b"), "/a?b");
    EXPECT_EQ(path("HTTP://host"), "/");
    EXPECT_EQ(path("http://host?b"), "/?b");
}

} // namespace
} // namespace nimbus::http
