#include "local/front_door/front_door.h"

#include <gtest/gtest.h>

#include <future>

namespace nimbus::local {
namespace {

/// Nobody has a key.
class NoKeys : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return std::nullopt; }
    Decision authorize(const Principal&, const std::string&, const std::string&,
                       const ConditionContext&, const std::string&) override
    {
        return {};
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }
};

class UnsignedRequests : public testing::Test {
protected:
    std::string refusal(const std::string& target)
    {
        std::promise<http::Response> answer;
        FrontDoor door(services_, access_, workers_, "123456789012", system_now, {});
        door.handle({.method = "GET", .target = target},
                    [&](http::Response response) { answer.set_value(std::move(response)); });
        const auto response = answer.get_future().get();
        return std::to_string(response.status) + " " +
               std::string(response.headers.get("content-type"));
    }

    static bool below_a(const http::Request& request) { return request.path().starts_with("/a"); }
    static bool any(const http::Request&) { return true; }

    NoKeys access_;
    net::WorkerPool workers_{1};
    std::vector<Service> services_;
};

TEST_F(UnsignedRequests, AreRefusedInTheWordsOfTheFirstServiceThatClaimsThem)
{
    services_ = {{.signing_name = "silent", .protocol = Protocol::query},
                 {.signing_name = "a", .protocol = Protocol::json_1_1, .claims = below_a},
                 {.signing_name = "rest", .protocol = Protocol::rest_xml, .claims = any}};
    EXPECT_EQ(refusal("/a/b"), "400 application/x-amz-json-1.1");
    EXPECT_EQ(refusal("/b"), "403 application/xml");
}

TEST_F(UnsignedRequests, AreRefusedWhenNoServiceClaimsThem)
{
    services_ = {{.signing_name = "a", .claims = below_a}};
    EXPECT_EQ(refusal("/b"), "403 application/json");
}

TEST_F(UnsignedRequests, AreDroppedByAStopWhenNoWorkerHasBegunWithThem)
{
    FrontDoor door(services_, access_, workers_, "123456789012", system_now, {});
    std::promise<void> released;
    workers_.post([&] { released.get_future().wait(); });
    std::promise<http::Response> answer;
    auto answered = answer.get_future();
    door.handle({.method = "GET", .target = "/"},
                [answer = std::move(answer)](http::Response response) mutable {
                    answer.set_value(std::move(response));
                });
    door.stop();
    released.set_value();
    EXPECT_THROW(answered.get(), std::future_error) << "nobody answers";
}

} // namespace
} // namespace nimbus::local
