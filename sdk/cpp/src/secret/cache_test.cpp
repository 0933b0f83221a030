#include "secret/cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nimbus/secret_error.hpp>
#include <semaphore>
#include <stdexcept>
#include <vector>

namespace nimbus::detail {
namespace {

using namespace std::chrono_literals;

/// Fetches "value 1", "value 2", …; a test holds a fetch back or has it fail.
class Source {
public:
    SecretValue fetch()
    {
        const int number = ++begun_;
        if (held_)
            released_.acquire();
        if (fails_)
            throw secret_unavailable("stripe-key", "no luck");
        return {"value " + std::to_string(number)};
    }

    void hold() { held_ = true; }
    void release()
    {
        held_ = false;
        released_.release();
    }
    void fail(bool fails = true) { fails_ = fails; }
    int begun() const { return begun_; }

private:
    std::atomic<int> begun_ = 0;
    std::atomic<bool> held_ = false;
    std::atomic<bool> fails_ = false;
    std::counting_semaphore<> released_{0};
};

class SecretCacheTest : public testing::Test {
protected:
    SecretCacheTest() { invocation_->begin({.request_id = "id-1"}); }
    ~SecretCacheTest() override { cache_.reset(); }

    SecretCache::Settings settings(std::chrono::milliseconds ttl = 5min)
    {
        return {.name = "stripe-key",
                .ttl = ttl,
                .fetch = [this](const Deadline&) { return source_.fetch(); },
                .invocation = invocation_,
                .clock = [this] { return now_.load(); }};
    }

    std::string get() { return cache_->get()->bytes; }
    void pass(std::chrono::milliseconds time) { now_ = now_.load() + time; }

    static void wait_until(const std::function<bool()>& condition)
    {
        const auto deadline = Deadline::after(10s);
        while (!condition() && !deadline.reached())
            std::this_thread::yield();
        ASSERT_TRUE(condition());
    }

    /// What is logged while `action` runs and the renewals end that it has started.
    std::string logged(const std::function<void()>& action)
    {
        testing::internal::CaptureStderr();
        action();
        return testing::internal::GetCapturedStderr();
    }

    Source source_;
    std::atomic<SystemTime> now_ = SystemTime(std::chrono::hours{1000});
    std::shared_ptr<CurrentInvocation> invocation_ = std::make_shared<CurrentInvocation>();
    std::optional<SecretCache> cache_{std::in_place, settings()};
};

TEST_F(SecretCacheTest, AValueIsFetchedOnceAndKept)
{
    EXPECT_EQ(get(), "value 1");
    pass(239s);
    EXPECT_EQ(get(), "value 1");
    EXPECT_EQ(source_.begun(), 1);
}

TEST_F(SecretCacheTest, ThreadsThatAskTogetherFetchOnce)
{
    source_.hold();
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 4; ++i)
        answers.push_back(std::async(std::launch::async, [this] { return get(); }));
    wait_until([&] { return source_.begun() == 1; });
    source_.release();
    for (auto& answer : answers)
        EXPECT_EQ(answer.get(), "value 1");
    EXPECT_EQ(source_.begun(), 1);
}

TEST_F(SecretCacheTest, AnAgingValueIsRenewedWhileItsCallersGoOnWithIt)
{
    get();
    pass(240s);
    source_.hold();

    EXPECT_EQ(get(), "value 1");
    wait_until([&] { return source_.begun() == 2; });
    EXPECT_EQ(get(), "value 1");

    source_.release();
    wait_until([&] { return get() == "value 2"; });
    pass(200s);
    EXPECT_EQ(get(), "value 2");
    EXPECT_EQ(source_.begun(), 2);
}

TEST_F(SecretCacheTest, AnOldValueIsFetchedAnewByItsCaller)
{
    get();
    pass(5min);
    EXPECT_EQ(get(), "value 2");
}

TEST_F(SecretCacheTest, WhatARenewalBringsLateDoesNotReplaceANewerValue)
{
    get();
    pass(240s);
    source_.hold();
    get();
    wait_until([&] { return source_.begun() == 2; });

    // The instance was frozen; the caller does not wait for what hangs since.
    pass(1h);
    source_.hold();
    auto answer = std::async(std::launch::async, [this] { return get(); });
    wait_until([&] { return source_.begun() == 3; });
    source_.release();
    source_.release();
    EXPECT_EQ(answer.get(), "value 3");
    wait_until([&] { return get() == "value 3"; });
    EXPECT_EQ(source_.begun(), 3);
}

TEST_F(SecretCacheTest, AnOldValueStaysInUseForAnHourWhenItCannotBeRenewed)
{
    get();
    source_.fail();
    pass(5min);
    const auto log = logged([&] { EXPECT_EQ(get(), "value 1"); });
    EXPECT_NE(log.find(R"("level":"WARN")"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("requestId":"id-1")"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("secret":"stripe-key","ageSeconds":300,"reason":"no luck")"),
              std::string::npos)
        << log;
    EXPECT_EQ(log.find("value 1"), std::string::npos) << log;

    pass(59min);
    logged([&] { EXPECT_EQ(get(), "value 1"); });
    pass(1min);
    EXPECT_THROW(get(), secret_unavailable);

    source_.fail(false);
    EXPECT_EQ(get(), "value 5");
}

TEST_F(SecretCacheTest, AFailureIsNotRepeatedAtEachCall)
{
    get();
    source_.fail();
    pass(5min);
    logged([&] {
        get();
        get();
        pass(29s);
        get();
    });
    EXPECT_EQ(source_.begun(), 2);

    pass(1s);
    source_.fail(false);
    EXPECT_EQ(get(), "value 3");
}

TEST_F(SecretCacheTest, ARenewalThatFailsIsLogged)
{
    get();
    source_.fail();
    pass(240s);
    const auto log = logged([&] {
        EXPECT_EQ(get(), "value 1");
        cache_.reset(); // waits for the renewal
    });
    EXPECT_NE(log.find(R"("requestId":"id-1")"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("ageSeconds":240,"reason":"no luck")"), std::string::npos) << log;
}

TEST_F(SecretCacheTest, WithoutAValueAFailureIsTheCallers)
{
    source_.fail();
    EXPECT_THROW(get(), secret_unavailable);
    source_.fail(false);
    EXPECT_EQ(get(), "value 2");
}

TEST_F(SecretCacheTest, AClockThatWasSetBackMakesNoValueYoung)
{
    get();
    pass(-1s);
    EXPECT_EQ(get(), "value 2");
}

TEST_F(SecretCacheTest, WithoutATtlEveryCallFetches)
{
    cache_.emplace(settings(0s));
    EXPECT_EQ(get(), "value 1");
    EXPECT_EQ(get(), "value 2");
}

TEST_F(SecretCacheTest, AnOverriddenValueIsNotFetched)
{
    cache_->override_with("for the test");
    EXPECT_EQ(get(), "for the test");
    EXPECT_EQ(source_.begun(), 0);
}

} // namespace
} // namespace nimbus::detail
