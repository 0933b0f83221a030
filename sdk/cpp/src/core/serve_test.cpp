#include "core/serve.h"
#include "io/test_server.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <stdexcept>

namespace nimbus::detail {
namespace {

/// Lambda's side of the Runtime API, played by the test step by step.
class RuntimeApi : public TestServer {
public:
    void send_event(const std::string& id)
    {
        const std::string event = R"({"source":"test"})";
        send("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " + id +
             "\r\nLambda-Runtime-Deadline-Ms: 99999999999999\r\nLambda-Runtime-Trace-Id: Root=" +
             id + "\r\nContent-Length: " + std::to_string(event.size()) + "\r\n\r\n" + event);
    }
    void accept_outcome() { send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"); }
};

using TestHandler = std::function<std::string(const InvocationContext&)>;

class TestCall : public Call {
public:
    TestCall(const TestHandler& handler, InvocationContext context)
        : handler_(handler), context_(std::move(context))
    {
    }
    field subject() const override { return {"test", "subject"}; }
    std::string run() override { return handler_(context_); }

private:
    const TestHandler& handler_;
    InvocationContext context_;
};

/// Takes events with {"source": <source>}; those with a "flaw" cannot be decoded.
class TestTrigger : public Trigger {
public:
    TestTrigger(std::string source, TestHandler handler)
        : source_(std::move(source)), handler_(std::move(handler))
    {
    }
    std::string_view source() const noexcept override { return source_; }
    bool sends(const json::object& event) const noexcept override
    {
        const auto* source = event.if_contains("source");
        return source && *source == json::value(source_);
    }
    std::unique_ptr<Call> decode(json::object event,
                                 const InvocationContext& context) const override
    {
        if (event.contains("flaw"))
            throw json_error("the event has a flaw");
        return std::make_unique<TestCall>(handler_, context);
    }

private:
    std::string source_;
    TestHandler handler_;
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
        add("hello", [](const InvocationContext& context) {
            return R"("hello )" + context.request_id + " " + context.trace_id + '"';
        });
        add("fail", [](const InvocationContext&) -> std::string {
            throw std::runtime_error("no \"luck\"");
        });
        add("odd", [](const InvocationContext&) -> std::string { throw 42; });
        add("huge", [](const InvocationContext&) { return std::string(7 * 1024 * 1024, 'x'); });
    }

    void add(const std::string& name, TestHandler handler)
    {
        application_.add_function(name, {.subject = name, .options = {}, .place = {}})
            .triggers.push_back(std::make_unique<TestTrigger>("test", std::move(handler)));
    }

    InvocationOutcome handle(const std::string& function, std::string event)
    {
        testing::internal::CaptureStderr();
        auto outcome =
            handle_invocation(application_, *application_.find_function(function),
                              {{.request_id = "id", .deadline = system_now()}, std::move(event)});
        log_ = testing::internal::GetCapturedStderr();
        return outcome;
    }

    void start(const std::string& handler)
    {
        exit_code_ = std::async(std::launch::async, [this, handler] {
            return serve(application_, api_.address(), handler);
        });
    }

    Application application_;
    RuntimeApi api_;
    std::future<int> exit_code_;
    std::string log_;
};

TEST_F(Serve, AnswersAndAsksForTheNextEventInOneWrite)
{
    start("hello");
    api_.accept();
    EXPECT_TRUE(starts_with(api_.request(), next_request));
    api_.send_event("id-1");

    const auto outcome = api_.request();
    EXPECT_TRUE(starts_with(outcome, "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1"));
    EXPECT_EQ(body_of(outcome), "hello id-1 Root=id-1");
    EXPECT_TRUE(api_.has_more());
    EXPECT_TRUE(starts_with(api_.request(), next_request));

    api_.accept_outcome();
    api_.send_event("id-2");
    EXPECT_EQ(body_of(api_.request()), "hello id-2 Root=id-2");

    api_.stop();
    EXPECT_EQ(exit_code_.get(), 1);
}

TEST_F(Serve, UnderstandsChunkedEventsInPieces)
{
    start("hello");
    api_.accept();
    api_.request();
    const std::string event = R"({"source":"test","more":[1,2,3]})";
    api_.send("HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: id-1\r\n");
    api_.send("Transfer-Encoding: chunked\r\n\r\n5\r\n" + event.substr(0, 5) + "\r\n");
    api_.send("1B;x=y\r\n" + event.substr(5) + "\r\n0\r\n\r\n");

    EXPECT_EQ(body_of(api_.request()), "hello id-1 ");
    api_.stop();
    exit_code_.get();
}

TEST_F(Serve, ReportsWhatAHandlerThrowsAndGoesOn)
{
    testing::internal::CaptureStderr();
    start("fail");
    api_.accept();
    api_.request();
    api_.send_event("id-1");

    const auto outcome = api_.request();
    EXPECT_TRUE(starts_with(outcome, "POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1"));
    EXPECT_NE(outcome.find("Lambda-Runtime-Function-Error-Type: std::runtime_error\r\n"),
              std::string::npos);
    EXPECT_EQ(body_of(outcome), json::parse(R"({"errorMessage":"no \"luck\"",
        "errorType":"std::runtime_error","stackTrace":[]})"));

    api_.request();
    api_.accept_outcome();
    api_.send_event("id-2");
    EXPECT_TRUE(starts_with(api_.request(), "POST /2018-06-01/runtime/invocation/id-2/error"));
    api_.stop();
    exit_code_.get();
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find(R"("requestId":"id-1","message":"no \"luck\"")"), std::string::npos) << log;
}

TEST_F(Serve, SurvivesWhatIsNotAnException)
{
    const auto outcome = handle("odd", R"({"source":"test"})");
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_NE(log_.find(R"("errorType":"unknown","test":"subject")"), std::string::npos) << log_;
}

TEST_F(Serve, RefusesAnswersThatLambdaWouldNotTake)
{
    EXPECT_EQ(handle("huge", R"({"source":"test"})").error_type, "Function.ResponseSizeTooLarge");
}

TEST_F(Serve, TheEventsSourceChoosesWhatHandlesIt)
{
    auto& triggers =
        application_.add_function("both", {.subject = "both", .options = {}, .place = {}}).triggers;
    for (const auto* source : {"left", "right"})
        triggers.push_back(std::make_unique<TestTrigger>(
            source, [source](const InvocationContext&) { return std::string(source); }));

    EXPECT_EQ(handle("both", R"({"source":"left"})").payload, "left");
    EXPECT_EQ(handle("both", R"({"source":"right"})").payload, "right");
    EXPECT_NE(handle("both", "{}").payload.find("events of left or right"), std::string::npos);
}

TEST_F(Serve, RefusesEventsThatTheFunctionIsNotFor)
{
    for (const auto* event :
         {R"({"source":"elsewhere"})", R"({"source":"test","flaw":1})", "[]", "{", ""}) {
        const auto outcome = handle("hello", event);
        EXPECT_EQ(outcome.error_type, "Runtime.InvalidEvent") << event;
        EXPECT_NE(log_.find(R"("requestId":"id")"), std::string::npos) << log_;
    }
    EXPECT_NE(handle("hello", "{}").payload.find("the function hello takes events of test"),
              std::string::npos);
}

TEST_F(Serve, TheInvocationIsKnownWhileTheHandlerRuns)
{
    add("ask", [this](const InvocationContext&) {
        return '"' + application_.invocation()->request_id() + '"';
    });
    EXPECT_EQ(handle("ask", R"({"source":"test"})").payload, R"("id")");
}

TEST_F(Serve, ReconnectsAndReportsAgainWhenTheConnectionIsLost)
{
    start("hello");
    api_.accept();
    api_.request();
    api_.send_event("id-1");
    api_.request();
    api_.hang_up();

    api_.accept();
    EXPECT_TRUE(starts_with(api_.request(), "POST /2018-06-01/runtime/invocation/id-1/response"));
    EXPECT_TRUE(starts_with(api_.request(), next_request));
    api_.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    api_.send_event("id-2");
    EXPECT_EQ(body_of(api_.request()), "hello id-2 Root=id-2");
    api_.stop();
    exit_code_.get();
}

TEST_F(Serve, SaysSoWhenLambdaRefusesAnOutcome)
{
    testing::internal::CaptureStderr();
    start("hello");
    api_.accept();
    api_.request();
    api_.send_event("id-1");
    api_.request();
    api_.request();
    api_.send("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 4\r\n\r\nhuge");
    api_.send_event("id-2");
    EXPECT_EQ(body_of(api_.request()), "hello id-2 Root=id-2");
    api_.stop();
    exit_code_.get();
    EXPECT_NE(testing::internal::GetCapturedStderr().find(R"("status":413)"), std::string::npos);
}

TEST_F(Serve, ReportsThatItCannotStart)
{
    testing::internal::CaptureStderr();
    start("nothing");
    api_.accept();
    const auto report = api_.request();
    EXPECT_TRUE(starts_with(report, "POST /2018-06-01/runtime/init/error HTTP/1.1"));
    EXPECT_NE(body_of(report).at("errorMessage").as_string().find("nothing"), json::string::npos);
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
} // namespace nimbus::detail
