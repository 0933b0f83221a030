#include "base/error.h"
#include "base/unique_fd.h"
#include "serve.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nimbus {
namespace {

/// Lambda's side of the Runtime API, one connection at a time, played by the test step by step.
class RuntimeApi {
public:
    RuntimeApi()
    {
        listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 4) != 0 ||
            ::getsockname(listener_.get(), generic, &size) != 0)
            throw_system_error(errno, "listening");
        port_ = ntohs(address.sin_port);
    }

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    void accept()
    {
        received_.clear();
        peer_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    void hang_up() { peer_.reset(); }
    void stop()
    {
        listener_.reset();
        peer_.reset();
    }

    /// The next request: its head and body.
    std::string request()
    {
        for (;;) {
            if (const auto end = received_.find("\r\n\r\n"); end != std::string::npos) {
                const auto size = end + 4 + body_size(received_.substr(0, end));
                if (received_.size() >= size) {
                    auto request = received_.substr(0, size);
                    received_.erase(0, size);
                    return request;
                }
            }
            std::array<char, 4096> bytes{};
            const auto count = ::recv(peer_.get(), bytes.data(), bytes.size(), 0);
            if (count <= 0)
                return "the peer has gone";
            received_.append(bytes.data(), static_cast<std::size_t>(count));
            ++reads_;
        }
    }
    /// Has more than one request arrived at once?
    bool has_more() const { return !received_.empty(); }

    void send(const std::string& bytes)
    {
        ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    void send_event(const std::string& id, const std::string& path)
    {
        const auto event = R"({"version":"1.0","resource":")" + path + R"(","path":")" + path +
                           R"(","httpMethod":"GET","requestContext":{"stage":"dev"}})";
        send("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " + id +
             "\r\nLambda-Runtime-Deadline-Ms: 99999999999999\r\nLambda-Runtime-Trace-Id: Root=" +
             id + "\r\nContent-Length: " + std::to_string(event.size()) + "\r\n\r\n" + event);
    }
    void accept_outcome() { send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"); }

private:
    static std::size_t body_size(const std::string& head)
    {
        constexpr std::string_view name = "Content-Length: ";
        const auto at = head.find(name);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    UniqueFd listener_;
    UniqueFd peer_;
    std::uint16_t port_ = 0;
    std::string received_;
    int reads_ = 0;
};

bool starts_with(const std::string& text, std::string_view prefix)
{
    return text.starts_with(prefix);
}

json::value body_of(const std::string& request)
{
    return json::parse(request.substr(request.find("\r\n\r\n") + 4));
}

constexpr std::string_view next_request = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n";

class Serve : public testing::Test {
protected:
    Serve()
    {
        state_.options = {.project_name = "demo", .region = "us-east-1"};
        state_.apis.push_back({{.name = "web"}, {}});
        add("get-hello", [](const request& req) {
            return text("hello " + std::string(req.invocation_id()) + " " +
                        std::string(req.trace_id()));
        });
        add("get-fail",
            [](const request&) -> response { throw std::runtime_error("no \"luck\""); });
        add("get-odd", [](const request&) -> response { throw 42; });
    }

    void add(const std::string& name, detail::handler_function handler)
    {
        state_.apis[0].routes.push_back({"GET", "/" + name, name, std::move(handler), {}});
    }

    void start(const std::string& handler)
    {
        exit_code_ = std::async(std::launch::async,
                                [this, handler] { return serve(state_, api_.address(), handler); });
    }

    detail::app_state state_;
    RuntimeApi api_;
    std::future<int> exit_code_;
};

TEST_F(Serve, AnswersAndAsksForTheNextEventInOneWrite)
{
    start("get-hello");
    api_.accept();
    EXPECT_TRUE(starts_with(api_.request(), next_request));
    api_.send_event("id-1", "/hello");

    const auto outcome = api_.request();
    EXPECT_TRUE(starts_with(outcome, "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1"));
    EXPECT_EQ(body_of(outcome).at("statusCode"), 200);
    EXPECT_EQ(body_of(outcome).at("body"), "hello id-1 Root=id-1");
    EXPECT_TRUE(api_.has_more());
    EXPECT_TRUE(starts_with(api_.request(), next_request));

    api_.accept_outcome();
    api_.send_event("id-2", "/hello");
    EXPECT_EQ(body_of(api_.request()).at("body"), "hello id-2 Root=id-2");

    api_.stop();
    EXPECT_EQ(exit_code_.get(), 1);
}

TEST_F(Serve, UnderstandsChunkedEventsInPieces)
{
    start("get-hello");
    api_.accept();
    api_.request();
    const std::string event = R"({"path":"/a","httpMethod":"GET"})";
    api_.send("HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: id-1\r\n");
    api_.send("Transfer-Encoding: chunked\r\n\r\n5\r\n" + event.substr(0, 5) + "\r\n");
    api_.send("1B;x=y\r\n" + event.substr(5) + "\r\n0\r\n\r\n");

    EXPECT_EQ(body_of(api_.request()).at("statusCode"), 200);
    api_.stop();
    exit_code_.get();
}

TEST_F(Serve, ReportsWhatAHandlerThrowsAndGoesOn)
{
    testing::internal::CaptureStderr();
    start("get-fail");
    api_.accept();
    api_.request();
    api_.send_event("id-1", "/fail");

    const auto outcome = api_.request();
    EXPECT_TRUE(starts_with(outcome, "POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1"));
    EXPECT_NE(outcome.find("Lambda-Runtime-Function-Error-Type: std::runtime_error\r\n"),
              std::string::npos);
    EXPECT_EQ(body_of(outcome), json::parse(R"({"errorMessage":"no \"luck\"",
        "errorType":"std::runtime_error","stackTrace":[]})"));

    api_.request();
    api_.accept_outcome();
    api_.send_event("id-2", "/fail");
    EXPECT_TRUE(starts_with(api_.request(), "POST /2018-06-01/runtime/invocation/id-2/error"));
    api_.stop();
    exit_code_.get();
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find(R"("requestId":"id-1","message":"no \"luck\"")"), std::string::npos) << log;
}

TEST_F(Serve, SurvivesWhatIsNotAnException)
{
    testing::internal::CaptureStderr();
    const auto outcome = handle_invocation(
        state_, state_.apis[0].routes[2],
        {"id", std::chrono::system_clock::now(), "", R"({"path":"/","httpMethod":"GET"})"});
    testing::internal::GetCapturedStderr();
    EXPECT_FALSE(outcome.succeeded);
}

TEST_F(Serve, RefusesAnswersThatLambdaWouldNotTake)
{
    add("get-huge", [](const request&) { return text(std::string(7 * 1024 * 1024, 'x')); });
    const auto outcome = handle_invocation(
        state_, state_.apis[0].routes.back(),
        {"id", std::chrono::system_clock::now(), "", R"({"path":"/","httpMethod":"GET"})"});
    EXPECT_EQ(outcome.error_type, "Function.ResponseSizeTooLarge");
}

TEST_F(Serve, ReconnectsAndReportsAgainWhenTheConnectionIsLost)
{
    start("get-hello");
    api_.accept();
    api_.request();
    api_.send_event("id-1", "/hello");
    api_.request();
    api_.hang_up();

    api_.accept();
    EXPECT_TRUE(starts_with(api_.request(), "POST /2018-06-01/runtime/invocation/id-1/response"));
    EXPECT_TRUE(starts_with(api_.request(), next_request));
    api_.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    api_.send_event("id-2", "/hello");
    EXPECT_EQ(body_of(api_.request()).at("body"), "hello id-2 Root=id-2");
    api_.stop();
    exit_code_.get();
}

TEST_F(Serve, SaysSoWhenLambdaRefusesAnOutcome)
{
    testing::internal::CaptureStderr();
    start("get-hello");
    api_.accept();
    api_.request();
    api_.send_event("id-1", "/hello");
    api_.request();
    api_.request();
    api_.send("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 4\r\n\r\nhuge");
    api_.send_event("id-2", "/hello");
    EXPECT_EQ(body_of(api_.request()).at("body"), "hello id-2 Root=id-2");
    api_.stop();
    exit_code_.get();
    EXPECT_NE(testing::internal::GetCapturedStderr().find(R"("status":413)"), std::string::npos);
}

TEST_F(Serve, ReportsThatItCannotStart)
{
    testing::internal::CaptureStderr();
    start("get-nothing");
    api_.accept();
    const auto report = api_.request();
    EXPECT_TRUE(starts_with(report, "POST /2018-06-01/runtime/init/error HTTP/1.1"));
    EXPECT_NE(body_of(report).at("errorMessage").as_string().find("get-nothing"),
              json::string::npos);
    api_.accept_outcome();
    EXPECT_EQ(exit_code_.get(), 1);
    testing::internal::GetCapturedStderr();
}

TEST(RuntimeAddress, IsHostAndPort)
{
    for (const auto* address : {"", "localhost", "localhost:", "127.0.0.1:0", "a:99999", ":80"})
        EXPECT_THROW(RuntimeClient{address}, Error) << address;
}

} // namespace
} // namespace nimbus
