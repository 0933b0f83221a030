#include "local/runtime_api/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace nimbus::local {
namespace {

using Step = RequestReader::Step;

constexpr std::size_t limit = 100;

/// Feeds `bytes` in pieces of `piece` and collects what comes out; ends at the first nonsense.
struct Reading {
    std::vector<RuntimeRequest> requests;
    bool malformed = false;
    bool expects = false;
};

Reading read(std::string_view bytes, std::size_t piece = 1'000'000)
{
    RequestReader reader(limit);
    Reading result;
    while (!bytes.empty()) {
        const auto space = reader.space();
        const auto count = std::min({bytes.size(), piece, space.size()});
        std::copy_n(bytes.begin(), count, space.begin());
        reader.received(count);
        bytes.remove_prefix(count);
        auto step = reader.next();
        for (; step == Step::complete; step = reader.next())
            result.requests.push_back(reader.request());
        result.expects = result.expects || reader.take_expectation();
        if (step == Step::malformed) {
            result.malformed = true;
            break;
        }
    }
    return result;
}

constexpr std::string_view pipelined =
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
    "lambda-runtime-function-error-type:  Some.Error \r\n\r\nhello"
    "\r\nGET /b HTTP/1.1\r\nHOST: h\r\n\r\n"
    "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nLambda-Runtime-Function-Error-Type: Late\r\n\r\n";

TEST(RequestReader, ReadsPipelinedRequestsHoweverTheyArrive)
{
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 50u, 1000u}) {
        const auto reading = read(pipelined, piece);
        ASSERT_EQ(reading.requests.size(), 3U) << piece;
        EXPECT_EQ(reading.requests[0].method, "POST");
        EXPECT_EQ(reading.requests[0].target, "/a");
        EXPECT_EQ(reading.requests[0].body, "hello");
        EXPECT_EQ(reading.requests[0].error_type, "Some.Error");
        EXPECT_TRUE(reading.requests[0].keep_alive);
        EXPECT_EQ(reading.requests[1].method, "GET");
        EXPECT_EQ(reading.requests[1].error_type, "");
        EXPECT_EQ(reading.requests[1].body, "");
        EXPECT_EQ(reading.requests[2].body, "abc0123456789");
        EXPECT_EQ(reading.requests[2].error_type, "Late");
        EXPECT_FALSE(reading.requests[2].keep_alive);
    }
}

TEST(RequestReader, RefusesWebPages)
{
    for (const std::string field :
         {"Host: page.example:4001", "Origin: http://127.0.0.1:4001", "Sec-Fetch-Site: cross-site"})
        EXPECT_TRUE(read("GET /next HTTP/1.1\r\n" + field + "\r\n\r\n").malformed) << field;
    for (const std::string field : {"Host: 127.0.0.1:4001", "Host: localhost:4001", "Accept: */*"})
        EXPECT_EQ(read("GET /next HTTP/1.1\r\n" + field + "\r\n\r\n").requests.size(), 1U) << field;
}

TEST(RequestReader, CountsBodiesOverTheLimitAndGoesOn)
{
    const auto body = std::string(limit + 1, 'x');
    const auto get = "GET /next HTTP/1.1\r\n\r\n";
    const auto fixed = read("POST /a HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + body + get, 10);
    ASSERT_EQ(fixed.requests.size(), 2U);
    EXPECT_EQ(fixed.requests[0].body, "");
    EXPECT_EQ(fixed.requests[0].body_bytes, limit + 1);

    const auto chunked = read("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
                              body + "\r\n5\r\nabcde\r\n0\r\n\r\n" + get);
    ASSERT_EQ(chunked.requests.size(), 2U);
    EXPECT_EQ(chunked.requests[0].body, "");
    EXPECT_EQ(chunked.requests[0].body_bytes, limit + 6);
}

TEST(RequestReader, TellsWhenASenderWaitsBeforeItsBody)
{
    const std::string head =
        "POST /a HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    EXPECT_TRUE(read(head).expects);
    EXPECT_FALSE(read(head + "ab").expects) << "the body is there already";
}

TEST(RequestReader, HasRoomForRequestsOfManyBuffers)
{
    std::string bytes;
    for (int i = 0; i < 5'000; ++i)
        bytes += "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
    EXPECT_EQ(read(bytes).requests.size(), 5'000U);
    EXPECT_EQ(read(bytes, 1'357).requests.size(), 5'000U);
}

TEST(RequestReader, RefusesWhatIsNotHttp)
{
    for (const std::string bytes : {
             "hello\r\n\r\n",
             "GET /a HTTP/2\r\n\r\n",
             "GET a HTTP/1.1\r\n\r\n",
             "GET /a b HTTP/1.1\r\n\r\n",
             "G(T /a HTTP/1.1\r\n\r\n",
             "GET /a HTTP/1.1\r\nno colon\r\n\r\n",
             "GET /a HTTP/1.1\r\nName : x\r\n\r\n",
             "GET /a HTTP/1.1\r\nName: x\ny\r\n\r\n",
             "POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
             "POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
             "POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
             "POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
             "POST /a HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n",
             "POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
             "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
             "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
             "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
         }) {
        const auto reading = read(bytes);
        EXPECT_TRUE(reading.malformed) << bytes;
        EXPECT_TRUE(reading.requests.empty()) << bytes;
    }
    EXPECT_TRUE(read("GET /" + std::string(RequestReader::max_head, 'a')).malformed);
}

} // namespace
} // namespace nimbus::local
