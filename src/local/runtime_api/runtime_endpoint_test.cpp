#include "base/test_log.h"
#include "base/unique_fd.h"
#include "local/runtime_api/runtime_endpoint.h"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <functional>
#include <netinet/in.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nimbus::local {
namespace {

/// A runtime's end of a connection, for bytes as they are.
class RawRuntime {
public:
    explicit RawRuntime(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        const auto colon = address.find(':');
        where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
        EXPECT_EQ(::inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr), 1);
        EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
    }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void next() { send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"); }
    void post(std::string_view path, std::string_view body, std::string_view fields = {})
    {
        send("POST /2018-06-01/runtime/" + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" +
             std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
             std::string(body));
    }

    /// One answer: head and body.
    std::string answer()
    {
        for (;;) {
            const auto head = received_.find("\r\n\r\n");
            if (head != std::string::npos) {
                const auto field = received_.find("Content-Length: ");
                const auto length = std::stoul(received_.substr(field + 16));
                if (received_.size() >= head + 4 + length) {
                    auto one = received_.substr(0, head + 4 + length);
                    received_.erase(0, one.size());
                    return one;
                }
            }
            std::array<char, 65536> buffer;
            const auto got = ::read(fd_.get(), buffer.data(), buffer.size());
            if (got <= 0)
                return "closed";
            received_.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }
    void close() { fd_.reset(); }

private:
    UniqueFd fd_;
    std::string received_;
};

std::string body_of(const std::string& answer)
{
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

/// Runs the runtime's side on a thread beside the loop, and writes down what is observed.
class RuntimeEndpointTest : public testing::Test, public RuntimeObserver {
protected:
    void runtime(std::function<void(RawRuntime&)> script)
    {
        std::thread thread([&] {
            RawRuntime connection(endpoint_.address());
            script(connection);
            loop_.post([this] {
                endpoint_.read_arrived();
                loop_.stop();
            });
        });
        loop_.run();
        thread.join();
    }

    void runtime_waits() override
    {
        seen_.push_back("waits");
        ++asked_;
        if (!events_.empty())
            send_next();
    }
    void runtime_left() override { seen_.push_back("left"); }
    void runtime_answered(std::string payload) override
    {
        seen_.push_back("answered " + payload.substr(0, 20));
        answered_bytes_ = payload.size();
    }
    void runtime_failed(std::string type, std::string payload) override
    {
        seen_.push_back("failed " + type + " " + payload);
    }
    void runtime_answered_too_much(std::size_t bytes) override
    {
        seen_.push_back("too much: " + std::to_string(bytes));
    }
    void runtime_failed_to_start(std::string type, std::string payload) override
    {
        seen_.push_back("no start " + type + " " + payload);
    }

    void until_asked(int times)
    {
        while (asked_ < times)
            std::this_thread::yield();
    }

    void send_next()
    {
        const auto payload = events_.front();
        events_.erase(events_.begin());
        EXPECT_TRUE(endpoint_.send({.request_id = "id-" + std::to_string(++sent_),
                                    .deadline_milliseconds = 1'700'000'000'123,
                                    .function_arn = "arn:aws:lambda:r:1:function:f",
                                    .trace_id = "Root=1-2-3",
                                    .payload = payload}));
    }

    net::EventLoop loop_;
    TestLog log_;
    RuntimeEndpoint endpoint_{loop_, *this, log_.log()};
    std::vector<std::string> events_;
    std::vector<std::string> seen_;
    std::size_t answered_bytes_ = 0;
    int sent_ = 0;
    std::atomic<int> asked_ = 0;
};

using Seen = std::vector<std::string>;

TEST_F(RuntimeEndpointTest, HasAnAddressOfItsOwn)
{
    const RuntimeEndpoint other(loop_, *this);
    EXPECT_THAT(endpoint_.address(), testing::MatchesRegex("127\\.[0-9.]+:[0-9]+"));
    EXPECT_NE(endpoint_.address().substr(0, endpoint_.address().find(':')),
              other.address().substr(0, other.address().find(':')));
}

TEST_F(RuntimeEndpointTest, HandsOutEventsAndTakesAnswers)
{
    events_ = {"{\"n\":1}", "{\"n\":2}"};
    runtime([](RawRuntime& api) {
        api.next();
        EXPECT_EQ(api.answer(),
                  "HTTP/1.1 200 OK\r\n"
                  "Content-Type: application/json\r\n"
                  "Lambda-Runtime-Aws-Request-Id: id-1\r\n"
                  "Lambda-Runtime-Deadline-Ms: 1700000000123\r\n"
                  "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:r:1:function:f\r\n"
                  "Lambda-Runtime-Trace-Id: Root=1-2-3\r\n"
                  "Content-Length: 7\r\n\r\n{\"n\":1}");
        api.post("invocation/id-1/response", "one");
        EXPECT_EQ(api.answer(), "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                                "Content-Length: 15\r\n\r\n{\"status\":\"OK\"}");
        api.next();
        EXPECT_EQ(body_of(api.answer()), "{\"n\":2}");
        api.post("invocation/id-2/error", "{}", "Lambda-Runtime-Function-Error-Type: Bad\r\n");
        EXPECT_TRUE(api.answer().starts_with("HTTP/1.1 202"));
    });
    EXPECT_EQ(seen_, (Seen{"waits", "answered one", "waits", "failed Bad {}"}));
}

TEST_F(RuntimeEndpointTest, AnswersPipelinedRequestsInOrder)
{
    events_ = {"1", "2", "3"};
    runtime([](RawRuntime& api) {
        api.next();
        EXPECT_EQ(body_of(api.answer()), "1");
        for (const std::string id : {"1", "2"}) {
            api.send("POST /2018-06-01/runtime/invocation/id-" + id +
                     "/response HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET "
                     "/2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n");
            EXPECT_EQ(body_of(api.answer()), "{\"status\":\"OK\"}");
            EXPECT_EQ(body_of(api.answer()), id == "1" ? "2" : "3");
        }
    });
    EXPECT_EQ(seen_, (Seen{"waits", "answered x", "waits", "answered x", "waits"}));
}

TEST_F(RuntimeEndpointTest, ClosesForClientsThatUseAConnectionPerRequest)
{
    events_ = {"1"};
    runtime([&](RawRuntime& api) {
        api.send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(body_of(api.answer()), "1");
        EXPECT_EQ(api.answer(), "closed");
        RawRuntime second(endpoint_.address());
        second.post("invocation/id-1/response", "one", "Connection: close\r\n");
        EXPECT_TRUE(second.answer().starts_with("HTTP/1.1 202"));
        EXPECT_EQ(second.answer(), "closed");
    });
    EXPECT_EQ(seen_, (Seen{"waits", "answered one"}));
}

TEST_F(RuntimeEndpointTest, MovesLargePayloadsBothWays)
{
    const auto large = std::string(6'000'000, 'x');
    events_ = {large};
    runtime([&](RawRuntime& api) {
        api.next();
        EXPECT_EQ(body_of(api.answer()), large);
        api.post("invocation/id-1/response", large);
        EXPECT_TRUE(api.answer().starts_with("HTTP/1.1 202"));
    });
    EXPECT_EQ(answered_bytes_, large.size());
}

TEST_F(RuntimeEndpointTest, RefusesAnswersOverTheLimitAndGoesOn)
{
    events_ = {"1", "2"};
    runtime([&](RawRuntime& api) {
        api.next();
        api.answer();
        api.post("invocation/id-1/response", std::string(max_runtime_answer + 1, 'x'));
        const auto answer = api.answer();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 413"));
        EXPECT_EQ(body_of(answer),
                  "{\"errorMessage\":\"Exceeded maximum allowed payload size (6291556 bytes).\","
                  "\"errorType\":\"RequestEntityTooLarge\"}");
        api.next();
        EXPECT_EQ(body_of(api.answer()), "2");
    });
    EXPECT_EQ(seen_, (Seen{"waits", "too much: 6291557", "waits"}));
}

TEST_F(RuntimeEndpointTest, RefusesWhatIsOutOfOrder)
{
    events_ = {"1"};
    runtime([](RawRuntime& api) {
        const auto refusal = [&] { return api.answer().substr(9, 3); };
        api.post("invocation/id-1/response", "early");
        EXPECT_EQ(refusal(), "400");
        api.next();
        api.answer();
        api.next();
        EXPECT_EQ(refusal(), "403") << "an event is being handled";
        api.post("init/error", "{}");
        EXPECT_EQ(refusal(), "403");
        api.post("invocation/id-2/response", "of another");
        EXPECT_EQ(refusal(), "400");
        api.post("invocation/id-1/response", "first");
        EXPECT_EQ(refusal(), "202");
        api.post("invocation/id-1/response", "second");
        EXPECT_EQ(refusal(), "403");
        api.post("restore/error", "{}");
        EXPECT_EQ(refusal(), "404");
        api.send("GET /2018-06-01/runtime/init/error HTTP/1.1\r\n\r\n");
        EXPECT_EQ(refusal(), "405");
        api.send("\x16\x03\x01 this is not HTTP\r\n\r\n");
        EXPECT_EQ(refusal(), "400");
        EXPECT_EQ(api.answer(), "closed");
    });
    EXPECT_EQ(seen_, (Seen{"waits", "answered first"}));
}

TEST_F(RuntimeEndpointTest, WhatIsRefusedIsInTheLogWithoutWhatWasSent)
{
    events_ = {"1"};
    runtime([&](RawRuntime& api) {
        api.next();
        api.answer();
        api.post("invocation/secret-id/response", "secret");
        EXPECT_TRUE(api.answer().starts_with("HTTP/1.1 400"));
    });
    ASSERT_EQ(log_.lines().size(), 1U);
    EXPECT_THAT(log_.last(),
                testing::AllOf(testing::HasSubstr("message=\"A runtime's request was refused\" "
                                                  "invocation_id=id-1 status=400 "
                                                  "error_type=InvalidRequestID state=Running"),
                               testing::Not(testing::HasSubstr("secret"))));
}

TEST_F(RuntimeEndpointTest, TakesErrorsOfTheStart)
{
    runtime([](RawRuntime& api) {
        api.post("init/error", "{\"errorType\":\"T\"}",
                 "Lambda-Runtime-Function-Error-Type: T\r\nExpect: 100-continue\r\n");
        EXPECT_TRUE(api.answer().starts_with("HTTP/1.1 202"));
    });
    EXPECT_EQ(seen_, Seen{"no start T {\"errorType\":\"T\"}"});
}

TEST_F(RuntimeEndpointTest, NoticesARuntimeThatLeavesAndServesTheNextConnection)
{
    runtime([&](RawRuntime& api) {
        api.next();
        until_asked(1);
        api.close();
        RawRuntime second(endpoint_.address());
        second.next();
        until_asked(2);
        RawRuntime third(endpoint_.address());
        third.next();
        EXPECT_EQ(second.answer(), "closed") << "one connection waits at a time";
        loop_.post([this] {
            events_ = {"1"};
            send_next();
        });
        EXPECT_EQ(body_of(third.answer()), "1");
    });
    EXPECT_EQ(seen_, (Seen{"waits", "left", "waits", "left", "waits"}));
}

TEST_F(RuntimeEndpointTest, HangsUpOnAnotherUser)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can make another user's socket";
    events_ = {"secret"};
    runtime([&](RawRuntime& api) {
        ::setfsuid(65534); // of this thread alone
        RawRuntime stranger(endpoint_.address());
        ::setfsuid(0);
        stranger.next();
        EXPECT_EQ(stranger.answer(), "closed");
        api.next();
        EXPECT_EQ(body_of(api.answer()), "secret");
    });
    EXPECT_EQ(seen_, Seen{"waits"});
}

TEST_F(RuntimeEndpointTest, SaysNothingAfterItIsClosed)
{
    runtime([&](RawRuntime& api) {
        loop_.post([this] { endpoint_.close(); });
        EXPECT_EQ(api.answer(), "closed");
    });
    EXPECT_TRUE(seen_.empty());
    EXPECT_FALSE(endpoint_.waiting());
    EXPECT_FALSE(endpoint_.send({.request_id = "1"}));
}

} // namespace
} // namespace nimbus::local
