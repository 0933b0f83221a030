#include "base/error.h"
#include "io/http_client.h"
#include "io/test_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

namespace nimbus::detail {
namespace {

using namespace std::chrono_literals;

/// The answers in `bytes`, which arrive in pieces of that size.
std::vector<HttpAnswer> read_all(std::string_view bytes, std::size_t piece = 1000)
{
    HttpAnswerReader reader("the server", 100);
    std::vector<HttpAnswer> answers;
    const auto receive = [&](std::string& to) {
        if (bytes.empty())
            throw StreamError("no more");
        to += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
    };
    try {
        for (;;)
            answers.push_back(reader.next(receive));
    } catch (const StreamError&) {
        return answers;
    }
}

constexpr std::string_view two_answers = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id:  7 \r\n\r\n"
                                         "hi"
                                         "HTTP/1.1 404 \r\ntransfer-encoding: chunked\r\n\r\n"
                                         "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n";

TEST(HttpAnswers, ComeOutWholeHoweverTheyArrive)
{
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
        const auto answers = read_all(two_answers, piece);
        ASSERT_EQ(answers.size(), 2U) << piece;
        EXPECT_EQ(answers[0].status, 200);
        EXPECT_EQ(answers[0].header("x-id"), "7");
        EXPECT_EQ(answers[0].body, "hi");
        EXPECT_EQ(answers[1].status, 404);
        EXPECT_EQ(answers[1].body, "abc0123456789");
    }
}

TEST(HttpAnswers, ThatAreNotFinalAreSkipped)
{
    const auto answers = read_all("HTTP/1.1 100 Continue\r\n\r\n"
                                  "HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, 204);
    EXPECT_TRUE(answers[0].is_last());
}

TEST(HttpAnswers, ThatAreNoneAreRefused)
{
    for (const std::string bytes :
         {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nab\r\n"})
        EXPECT_THROW(read_all(bytes), Error) << bytes;
    EXPECT_THROW(read_all(std::string(100'000, 'x')), Error);
}

TEST(HttpEndpoints, AreSchemeHostAndPort)
{
    EXPECT_EQ(HttpEndpoint::parse("http://127.0.0.1:4566"),
              (HttpEndpoint{.tls = false, .host = "127.0.0.1", .port = 4566}));
    EXPECT_EQ(HttpEndpoint::parse("https://secrets.internal/"),
              (HttpEndpoint{.tls = true, .host = "secrets.internal", .port = 443}));
    EXPECT_EQ(HttpEndpoint::parse("http://[::1]:80"),
              (HttpEndpoint{.tls = false, .host = "::1", .port = 80}));
    for (const auto* url :
         {"", "http://", "ftp://a", "127.0.0.1:4566", "http://a:", "http://a:0", "http://a:70000",
          "http://a/b", "http://u@a", "http://[::1", "http://[::1]x", "http://a?b", "http://a b"})
        EXPECT_FALSE(HttpEndpoint::parse(url)) << url;
}

TEST(HttpEndpoints, AreNamedInTheHostHeaderWithoutTheirSchemesPort)
{
    for (const auto* authority : {"127.0.0.1:4566", "[::1]:8080", "secrets.internal"})
        EXPECT_EQ(HttpEndpoint::parse("http://" + std::string(authority))->authority(), authority);
    EXPECT_EQ(HttpEndpoint::parse("https://a:443")->authority(), "a");
    EXPECT_EQ(HttpEndpoint::parse("https://a:80")->authority(), "a:80");
}

TEST(HttpClient, SendsTheRequestAndReadsTheAnswer)
{
    TestServer server;
    const auto endpoint = *HttpEndpoint::parse("http://" + server.address());
    auto answer = std::async(std::launch::async, [&] {
        return exchange(
            endpoint,
            {.method = "POST", .path = "/a", .query = "b=c", .headers = {{"Host", "there"}}},
            "the body", nullptr, 100, Deadline::after(10s));
    });
    server.accept();
    EXPECT_EQ(server.request(), "POST /a?b=c HTTP/1.1\r\nHost: there\r\nContent-Length: 8\r\n"
                                "Connection: close\r\n\r\nthe body");
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_EQ(answer.get().body, "hi");
}

TEST(HttpClient, WaitsNoLongerThanItsDeadline)
{
    const TestServer silent;
    const auto endpoint = *HttpEndpoint::parse("http://" + silent.address());
    EXPECT_THROW(
        exchange(endpoint, {.method = "GET", .path = "/"}, "", nullptr, 100, Deadline::after(10ms)),
        StreamTimeout);
}

TEST(HttpClient, SaysThatNobodyListens)
{
    TestServer gone;
    const auto endpoint = *HttpEndpoint::parse("http://" + gone.address());
    gone.stop();
    EXPECT_THROW(
        exchange(endpoint, {.method = "GET", .path = "/"}, "", nullptr, 100, Deadline::after(10s)),
        StreamError);
}

} // namespace
} // namespace nimbus::detail
