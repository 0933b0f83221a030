#include "base/error.h"
#include "base/json.h"
#include "base/test_log.h"
#include "http/client.h"
#include "local/gateway/gateway.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace nimbus::local {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string arn = "arn:aws:lambda:us-east-1:123456789012:function:f";

InvocationResult success(std::string payload)
{
    return {.kind = InvocationResult::Kind::success, .payload = std::move(payload)};
}

InvocationResult failure(InvocationResult::Kind kind)
{
    return {.kind = kind,
            .payload = R"({"errorMessage":"secret detail"})",
            .request_id = "8a4f",
            .log_tail = "secret line",
            .reason = "what happened"};
}

/// Functions are lambdas of the test; there are as many as names in `known`.
class FakeLambda : public Invoker, public FunctionDirectory {
public:
    using Body = std::function<void(std::string, Done)>;

    void set(Body body)
    {
        const std::lock_guard lock(mutex_);
        body_ = std::move(body);
    }
    void answer_with(InvocationResult result)
    {
        set([result = std::move(result)](const std::string&, Done done) { done(result); });
    }
    void permit(bool permitted)
    {
        const std::lock_guard lock(mutex_);
        permitted_ = permitted;
    }
    std::vector<std::string> asked() const
    {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    int calls() const
    {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

    Caller last_caller() const
    {
        const std::lock_guard lock(mutex_);
        return caller_;
    }

    void invoke(std::shared_ptr<const Function>, std::string payload, Caller caller,
                Done done) override
    {
        Body body;
        {
            const std::lock_guard lock(mutex_);
            ++calls_;
            caller_ = std::move(caller);
            body = body_;
        }
        body(std::move(payload), std::move(done));
    }
    void retire(const std::string&, const std::string&) override {}
    std::shared_ptr<const Function> find_function(const std::string& arn_or_name) override
    {
        return arn_or_name == arn ? std::make_shared<const Function>() : nullptr;
    }
    bool api_gateway_may_invoke(const std::string&, const std::string& source_arn) override
    {
        const std::lock_guard lock(mutex_);
        asked_.push_back(source_arn);
        return permitted_;
    }

private:
    mutable std::mutex mutex_;
    Body body_;
    bool permitted_ = true;
    int calls_ = 0;
    Caller caller_;
    std::vector<std::string> asked_;
};

std::shared_ptr<const Api> make_api(const std::vector<std::string>& keys, int timeout = 30'000,
                                    const std::string& format = "1.0")
{
    auto api = std::make_shared<Api>();
    api->id = "api";
    api->region = "us-east-1";
    api->account_id = "123456789012";
    api->stages = {"dev"};
    for (const auto& key : keys)
        api->routes.push_back({key, {arn, format, timeout}});
    return api;
}

class GatewayTest : public testing::Test {
protected:
    GatewayTest()
    {
        lambda_.answer_with(success(R"({"statusCode":200,"body":"fine"})"));
        port_ = gateway_->open("api", 0);
        gateway_->publish(make_api({"GET /ping", "POST /echo", "GET /users/{id}"}));
    }

    ~GatewayTest() override
    {
        loop_.post([this] {
            gateway_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    http::Response send(const http::Request& request)
    {
        return client_.send("http://127.0.0.1:" + std::to_string(port_), request);
    }
    http::Response get(const std::string& target, http::Headers headers = {})
    {
        return send({.method = "GET", .target = target, .headers = std::move(headers)});
    }
    /// "status body"
    std::string outcome(const http::Response& response)
    {
        EXPECT_TRUE(response.headers.contains("apigw-requestid"));
        EXPECT_TRUE(response.headers.contains("date"));
        return std::to_string(response.status) + " " + response.body;
    }

    TestLog log_; ///< whose lines come before the answers do
    GatewayOptions options_{.log = log_.log()};
    net::EventLoop loop_;
    FakeLambda lambda_;
    std::unique_ptr<Gateway> gateway_ =
        std::make_unique<Gateway>(options_, loop_, lambda_, lambda_);
    std::thread thread_{[this] { loop_.run(); }};
    http::Client client_;
    std::uint16_t port_ = 0;
};

constexpr auto not_found = R"(404 {"message":"Not Found"})";
constexpr auto internal = R"(500 {"message":"Internal Server Error"})";
constexpr auto unavailable = R"(503 {"message":"Service Unavailable"})";

TEST_F(GatewayTest, SendsTheEventAndReturnsTheAnswer)
{
    lambda_.set([](std::string event, Invoker::Done done) {
        done(success(
            json::serialize(json::object{{"statusCode", 201},
                                         {"headers", {{"X-Own", "1"}}},
                                         {"multiValueHeaders", {{"Set-Cookie", {"a", "b"}}}},
                                         {"body", event}})));
    });
    const auto response = send({.method = "POST",
                                .target = "/dev/echo?a=1",
                                .headers = {{"Content-Type", "text/plain"}},
                                .body = "hello"});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.headers.get("x-own"), "1");
    const auto event = parse_json(response.body, "event").as_object();
    EXPECT_EQ(event.at("body"), "hello");
    EXPECT_EQ(event.at("path"), "/dev/echo");
    const auto& context = event.at("requestContext").as_object();
    EXPECT_EQ(context.at("identity").at("sourceIp"), "127.0.0.1");
    EXPECT_EQ(context.at("requestId"), json::string_view(response.headers.get("apigw-requestid")));
    EXPECT_EQ(event.at("headers").at("X-Forwarded-Port").as_string(), std::to_string(port_));
}

TEST_F(GatewayTest, AnswersBrowsersOfOtherOriginsAsTheApiSays)
{
    auto api = std::make_shared<Api>(*make_api({"GET /ping"}));
    api->cors = {.allow_credentials = true,
                 .allow_headers = {"content-type", "x-own"},
                 .allow_methods = {"GET"},
                 .allow_origins = {"https://a.example", "http://*"},
                 .expose_headers = {"x-id"},
                 .max_age_seconds = 60};
    gateway_->publish(api);
    lambda_.answer_with(success(
        R"({"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://own"},"body":"x"})"));
    const auto ask = [&](const std::string& origin) {
        return send({.method = "OPTIONS",
                     .target = "/dev/anything",
                     .headers = {{"Origin", origin}, {"Access-Control-Request-Method", "GET"}}});
    };
    const auto preflight = ask("https://a.example");
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.get("access-control-allow-origin"), "https://a.example");
    EXPECT_EQ(preflight.headers.get("access-control-allow-credentials"), "true");
    EXPECT_EQ(preflight.headers.get("access-control-allow-methods"), "GET");
    EXPECT_EQ(preflight.headers.get("access-control-allow-headers"), "content-type,x-own");
    EXPECT_EQ(preflight.headers.get("access-control-max-age"), "60");
    EXPECT_FALSE(ask("https://b.example").headers.contains("access-control-allow-origin"));
    EXPECT_EQ(lambda_.calls(), 0);

    const auto answer = get("/dev/ping", {{"Origin", "http://b.example"}});
    EXPECT_EQ(answer.headers.get("access-control-allow-origin"), "http://b.example");
    EXPECT_EQ(answer.headers.get("access-control-expose-headers"), "x-id");
    EXPECT_FALSE(get("/dev/ping", {{"Origin", "https://b.example"}})
                     .headers.contains("access-control-allow-origin"))
        << "the gateway drops the function's own";
    EXPECT_EQ(get("/dev/ping").headers.get("access-control-allow-origin"), "https://own")
        << "no other origin's page asks";
    EXPECT_EQ(outcome(send({.method = "OPTIONS", .target = "/dev/ping"})), not_found)
        << "no preflight";
}

TEST_F(GatewayTest, UnknownStagesAndRoutesAreNotFound)
{
    for (const auto* target : {"/", "/ping", "/prod/ping", "/dev", "/dev/none", "/dev/ping/"})
        EXPECT_EQ(outcome(get(target)), not_found) << target;
    EXPECT_EQ(outcome(send({.method = "POST", .target = "/dev/ping"})), not_found);
    EXPECT_EQ(outcome(send({.method = "OPTIONS", .target = "/dev/ping"})), not_found);
    EXPECT_EQ(lambda_.calls(), 0);
    EXPECT_EQ(send({.method = "HEAD", .target = "/dev/ping"}).status, 404);
}

TEST_F(GatewayTest, FailuresOfFunctionsAreApiGatewaysErrors)
{
    using Kind = InvocationResult::Kind;
    const std::vector<std::pair<InvocationResult, std::string>> cases{
        {success("garbage"), internal},
        {success("{}"), internal},
        {failure(Kind::function_error), internal},
        {failure(Kind::crashed), unavailable},
        {failure(Kind::timed_out), unavailable},
        {failure(Kind::throttled), unavailable},
        {failure(Kind::unavailable), unavailable},
        {success(R"({"statusCode":204})"), "204 "}};
    for (const auto& [result, expected] : cases) {
        lambda_.answer_with(result);
        EXPECT_EQ(outcome(get("/dev/ping")), expected);
    }
    lambda_.set([](const std::string&, const Invoker::Done&) { throw Error("no room"); });
    EXPECT_EQ(outcome(get("/dev/ping")), internal);
}

TEST_F(GatewayTest, TheReasonOfEach500And503IsInTheLogUnderTheIdThatTheCallerGot)
{
    using Kind = InvocationResult::Kind;
    const std::vector<std::pair<InvocationResult, std::string>> cases{
        {failure(Kind::function_error), "\"The function reported an error\""},
        {failure(Kind::crashed), "\"The function crashed\""},
        {failure(Kind::timed_out), "\"The function timed out\""},
        {failure(Kind::throttled), "\"The function was throttled\""},
        {failure(Kind::unavailable), "\"The function could not be run\""}};
    for (const auto& [result, message] : cases) {
        lambda_.answer_with(result);
        const auto response =
            get("/dev/users/secret-path?q=secret-query", {{"Authorization", "secret-header"}});
        const std::string id(response.headers.get("apigw-requestid"));
        EXPECT_THAT(log_.last(),
                    AllOf(HasSubstr(" level=warning component=gateway message=" + message +
                                    " request_id=" + id +
                                    " invocation_id=8a4f api=api "
                                    "route=\"GET /users/{id}\" function=f status=" +
                                    std::to_string(response.status) + " "),
                          HasSubstr("reason=\"what happened\""), Not(HasSubstr("secret"))));
    }
    lambda_.answer_with(success(R"({"statusCode":"secret"})"));
    get("/dev/ping");
    EXPECT_THAT(log_.last(),
                AllOf(HasSubstr("\"The function's answer is not an HTTP answer\""),
                      HasSubstr("reason=\"statusCode is not a number"), Not(HasSubstr("secret"))));
    lambda_.permit(false);
    get("/dev/ping");
    EXPECT_THAT(log_.last(), AllOf(HasSubstr("\"The function could not be invoked\""),
                                   HasSubstr("its resource policy does not allow it")));
}

TEST_F(GatewayTest, OtherAnswersAreInTheLogAtItsMostDetailedLevel)
{
    const auto response = get("/dev/users/secret-path");
    EXPECT_THAT(
        log_.last(),
        AllOf(HasSubstr(" level=debug component=gateway message=\"A request was answered\""),
              HasSubstr(std::string(response.headers.get("apigw-requestid"))),
              HasSubstr(" status=200 "), Not(HasSubstr("secret"))));
    get("/dev/none");
    EXPECT_THAT(log_.last(), AllOf(HasSubstr(" level=debug "), HasSubstr(" status=404 "),
                                   HasSubstr("reason=\"no stage and route match it\"")));
    get("/dev/ping", {{"Host", "evil.example"}});
    EXPECT_THAT(log_.last(), AllOf(HasSubstr(" status=403 "), Not(HasSubstr("evil"))));
}

TEST_F(GatewayTest, WhatWasAnsweredIsRememberedByInvocation)
{
    auto created = success(R"({"statusCode":201})");
    created.request_id = "1b2c";
    lambda_.answer_with(created);
    get("/dev/ping");
    lambda_.answer_with(failure(InvocationResult::Kind::crashed));
    get("/dev/ping");
    get("/dev/none");
    const auto list = options_.answered->list();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].invocation_id, "1b2c");
    EXPECT_EQ(list[0].status, 201);
    EXPECT_EQ(list[1].status, 503);
}

TEST_F(GatewayTest, InvokesOnlyWithPermission)
{
    EXPECT_EQ(outcome(get("/dev/users/7")), "200 fine");
    EXPECT_EQ(lambda_.asked().back(),
              "arn:aws:execute-api:us-east-1:123456789012:api/dev/GET/users/{id}");
    lambda_.permit(false);
    EXPECT_EQ(outcome(get("/dev/users/7")), internal);
    lambda_.permit(true);
    EXPECT_EQ(outcome(get("/dev/users/7")), "200 fine");
    EXPECT_EQ(lambda_.calls(), 2);
}

TEST_F(GatewayTest, AFunctionThatDoesNotExistIsAnInternalServerError)
{
    auto api = *make_api({"GET /ping"});
    api.routes[0].integration.function_arn = "arn:aws:lambda:us-east-1:123456789012:function:gone";
    gateway_->publish(std::make_shared<const Api>(api));
    EXPECT_EQ(outcome(get("/dev/ping")), internal);
}

TEST_F(GatewayTest, TheIntegrationsTimeoutEndsTheWaiting)
{
    gateway_->publish(make_api({"GET /slow", "GET /ping"}, 50));
    std::mutex mutex;
    std::vector<Invoker::Done> waiting;
    lambda_.set([&](const std::string&, Invoker::Done done) {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(done));
    });
    EXPECT_EQ(outcome(get("/dev/slow")), unavailable);
    EXPECT_EQ(outcome(get("/dev/slow")), unavailable);
    EXPECT_THAT(log_.last(), HasSubstr("\"The integration timed out\""));
    loop_.post([&] {
        const std::lock_guard lock(mutex);
        for (auto& done : waiting)
            done(success(R"({"statusCode":200,"body":"too late"})"));
    });
    lambda_.answer_with(success(R"({"statusCode":200,"body":"in time"})"));
    EXPECT_EQ(outcome(get("/dev/ping")), "200 in time");
}

TEST_F(GatewayTest, FunctionsAreInvokedWithTheCallersIdAndDeadline)
{
    gateway_->publish(make_api({"GET /ping"}, 20'000));
    const auto before = Deadline::after(std::chrono::seconds(20));
    const auto response = get("/dev/ping");
    const auto caller = lambda_.last_caller();
    EXPECT_EQ(caller.request_id, response.headers.get("apigw-requestid"));
    EXPECT_GE(caller.deadline.when(), before.when());
    EXPECT_LE(caller.deadline.when(), Deadline::after(std::chrono::seconds(20)).when());
}

TEST_F(GatewayTest, EachPublicationTakesEffectAtOnce)
{
    for (int i = 0; i < 50; ++i) {
        const auto key = "/" + std::to_string(i);
        gateway_->publish(make_api({"GET " + key}));
        ASSERT_EQ(get("/dev" + key).status, 200);
        ASSERT_EQ(get("/dev/ping").status, 404);
    }
}

TEST_F(GatewayTest, LimitsAreApiGateways)
{
    lambda_.set([](const std::string& event, Invoker::Done done) {
        const auto body = parse_json(event, "event").at("body").as_string().size();
        done(success(R"({"statusCode":200,"body":")" + std::to_string(body) + "\"}"));
    });
    const auto post = [&](std::size_t size, const char* type) {
        return outcome(send({.method = "POST",
                             .target = "/dev/echo",
                             .headers = {{"Content-Type", type}},
                             .body = std::string(size, 'x')}));
    };
    constexpr auto too_large = R"(413 {"message":"Request Entity Too Large"})";
    constexpr std::size_t megabyte = 1024 * 1024;
    EXPECT_EQ(post(5 * megabyte, "text/plain"), "200 " + std::to_string(5 * megabyte));
    EXPECT_EQ(post(7 * megabyte, "text/plain"), too_large);
    EXPECT_EQ(post(5 * megabyte, "image/png"), too_large);
    EXPECT_EQ(post(10 * megabyte + 1, "text/plain"), too_large);
    lambda_.answer_with(success(R"({"statusCode":200})"));
    EXPECT_EQ(outcome(get("/dev/ping", {{"X-Large", std::string(12'000, 'x')}})),
              R"(431 {"message":"Request Header Fields Too Large"})");
    EXPECT_EQ(get("/dev/ping", {{"X-Large", std::string(9'000, 'x')}}).status, 200);
}

TEST_F(GatewayTest, NamesThatAreNotTheApisAreForbidden)
{
    EXPECT_EQ(outcome(get("/dev/ping", {{"Host", "evil.example"}})),
              R"(403 {"message":"Forbidden"})");
    EXPECT_EQ(get("/dev/ping", {{"Host", "api.execute-api.us-east-1.amazonaws.com"}}).status, 200);
    EXPECT_EQ(get("/dev/ping", {{"Host", "localhost"}}).status, 200);
}

TEST_F(GatewayTest, Format2IsServedToo)
{
    gateway_->publish(make_api({"GET /bare"}, 30'000, "2.0"));
    lambda_.set([](const std::string& event, Invoker::Done done) {
        EXPECT_EQ(parse_json(event, "event").at("version"), "2.0");
        done(success(R"({"hello": "world"})"));
    });
    const auto response = get("/dev/bare");
    EXPECT_EQ(outcome(response), R"(200 {"hello": "world"})");
    EXPECT_EQ(response.headers.get("content-type"), "application/json");
}

TEST_F(GatewayTest, APortThatIsTakenIsNamed)
{
    try {
        gateway_->open("second", port_);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(std::to_string(port_)), std::string::npos);
    }
    EXPECT_EQ(get("/dev/ping").status, 200);
}

TEST_F(GatewayTest, ApisAreIndependentAndEndWithTheirListener)
{
    const auto port = gateway_->open("second", 0);
    EXPECT_NE(port, port_);
    const auto origin = "http://127.0.0.1:" + std::to_string(port);
    EXPECT_EQ(outcome(client_.send(origin, {.method = "GET", .target = "/dev/ping"})), not_found);
    gateway_->close("second");
    gateway_->close("never opened");
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    loop_.post([&] {
        const std::lock_guard lock(mutex);
        done = true;
        ended.notify_one();
    });
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return done; });
    EXPECT_THROW(client_.send(origin, {.method = "GET", .target = "/"}), http::TransportError);
    EXPECT_EQ(gateway_->open("second", port), port);
    EXPECT_EQ(get("/dev/ping").status, 200);
}

TEST(Gateway, AnswersThatComeAfterItsEndGoNowhere)
{
    net::EventLoop loop;
    FakeLambda lambda;
    auto gateway = std::make_unique<Gateway>(GatewayOptions{}, loop, lambda, lambda);
    const auto port = gateway->open("api", 0);
    gateway->publish(make_api({"GET /ping"}));
    std::vector<Invoker::Done> waiting;
    lambda.set([&](const std::string&, Invoker::Done done) {
        waiting.push_back(std::move(done));
        loop.post([&] {
            gateway.reset();
            waiting.front()(success(R"({"statusCode":200})"));
            loop.stop();
        });
    });
    std::thread thread([&] { loop.run(); });
    http::Client client;
    EXPECT_THROW(client.send("http://127.0.0.1:" + std::to_string(port),
                             {.method = "GET", .target = "/dev/ping"}),
                 http::TransportError);
    thread.join();
}

} // namespace
} // namespace nimbus::local
