#include "aws/credentials.h"
#include "base/error.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;

/// A source whose answers are numbered, and the time it lives in.
struct Source {
    SystemTime now = from_unix_milliseconds(1'700'000'000'000);
    std::optional<std::chrono::seconds> lifetime;
    bool broken = false;
    int asked = 0;

    CredentialSource cached_source()
    {
        return cached(
            [this] {
                ++asked;
                if (broken)
                    throw Error("the source is broken");
                Credentials credentials{.keys = {.access_key_id = std::to_string(asked)}};
                if (lifetime)
                    credentials.expires = now + *lifetime;
                return credentials;
            },
            [this] { return now; });
    }
};

TEST(FixedCredentials, AreAlwaysTheSame)
{
    const auto source = fixed_credentials({"AKIA", "secret", "token"});
    EXPECT_EQ(source().keys.access_key_id, "AKIA");
    EXPECT_EQ(source().keys.session_token, "token");
    EXPECT_FALSE(source().expires);
}

TEST(CachedCredentials, AreNotAskedForBeforeTheFirstUse)
{
    Source source;
    const auto credentials = source.cached_source();
    EXPECT_EQ(source.asked, 0);
    credentials();
    EXPECT_EQ(source.asked, 1);
}

TEST(CachedCredentials, StayForeverWhenTheyDoNotExpire)
{
    Source source;
    const auto credentials = source.cached_source();
    credentials();
    source.now += 24h * 365;
    EXPECT_EQ(credentials().keys.access_key_id, "1");
}

TEST(CachedCredentials, AreRenewedFiveMinutesBeforeTheyExpire)
{
    Source source{.lifetime = 1h};
    const auto credentials = source.cached_source();
    credentials();
    source.now += 55min - 1s;
    EXPECT_EQ(credentials().keys.access_key_id, "1");
    source.now += 1s;
    EXPECT_EQ(credentials().keys.access_key_id, "2");
    EXPECT_EQ(credentials().keys.access_key_id, "2");
}

TEST(CachedCredentials, AreUsedToTheirEndWhenTheyCannotBeRenewed)
{
    Source source{.lifetime = 1h};
    const auto credentials = source.cached_source();
    credentials();
    source.broken = true;
    source.now += 56min;
    EXPECT_EQ(credentials().keys.access_key_id, "1");
    EXPECT_EQ(source.asked, 2);
    credentials();
    EXPECT_EQ(source.asked, 2) << "it tries again after a minute";
    source.now += 4min;
    EXPECT_THROW(credentials(), Error);
    source.broken = false;
    EXPECT_EQ(credentials().keys.access_key_id, "4");
}

TEST(CachedCredentials, OfAShortLifeAreNotRenewedWithEachCall)
{
    Source source{.lifetime = 3min};
    const auto credentials = source.cached_source();
    credentials();
    credentials();
    EXPECT_EQ(source.asked, 1);
    source.now += 1min;
    credentials();
    EXPECT_EQ(source.asked, 2);
}

TEST(CachedCredentials, ThatWereDiscardedAreAskedForAgain)
{
    Source source{.lifetime = 1h};
    const auto credentials = source.cached_source();
    const auto first = credentials();
    credentials.discard(first);
    EXPECT_EQ(credentials().keys.access_key_id, "2");
    credentials.discard(first);
    EXPECT_EQ(credentials().keys.access_key_id, "2") << "another thread was faster";
}

TEST(CachedCredentials, AreAskedForOnceByManyThreads)
{
    Source source{.lifetime = 1h};
    const auto credentials = source.cached_source();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&credentials] { credentials(); });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(source.asked, 1);
}

} // namespace
} // namespace nimbus::aws
