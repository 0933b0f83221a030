#include "deploy/lock.h"
#include "deploy/state_store.h"
#include "deploy/test_cloud.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

class LockTest : public testing::Test {
protected:
    Lock::Options options(std::chrono::milliseconds timeout, std::chrono::milliseconds lease = 60s)
    {
        return {
            .holder = "ann@home (7)", .operation = "deploy", .timeout = timeout, .lease = lease};
    }

    /// Looks at the lock until it is as `is_right` wants it.
    template <class Condition>
    bool comes_to_be(Condition is_right)
    {
        const auto deadline = Deadline::after(10s);
        while (!deadline.reached())
            if (is_right(read_lock_object(bucket_, person_.id)))
                return true;
        return false;
    }

    CloudProcess cloud_;
    Person person_{cloud_};
    Status status_;
    World world_{all_kinds(), person_.target(), person_.id, status_};
    Bucket bucket_{world_};
};

TEST_F(LockTest, SaysWhoHoldsItAndIsGoneAfterwards)
{
    {
        const Lock lock(world_, options(1s));
        const auto present = read_lock_object(bucket_, person_.id);
        ASSERT_TRUE(present);
        EXPECT_EQ(present->info.holder, "ann@home (7)");
        EXPECT_EQ(present->info.operation, "deploy");
        EXPECT_FALSE(present->info.stale);
        EXPECT_FALSE(lock.lost());
    }
    EXPECT_FALSE(read_lock_object(bucket_, person_.id));
}

TEST_F(LockTest, IsWaitedFor)
{
    auto first = std::make_unique<Lock>(world_, options(1s));
    std::atomic<bool> is_waiting = false;
    std::thread second([&] {
        is_waiting = true;
        const Lock lock(world_, options(10s));
    });
    while (!is_waiting)
        std::this_thread::yield();
    first.reset();
    second.join();
    EXPECT_FALSE(read_lock_object(bucket_, person_.id));
}

TEST_F(LockTest, IsRenewedByItsHolder)
{
    const Lock lock(world_, options(1s, 300ms));
    const auto first = read_lock_object(bucket_, person_.id)->info.expires;
    EXPECT_TRUE(comes_to_be([&](const auto& present) { return present->info.expires > first; }));
    EXPECT_FALSE(lock.lost());
}

TEST_F(LockTest, ThatSomebodyTookAwayIsLostAndNotTakenBack)
{
    const Lock lock(world_, options(1s, 300ms));
    const auto present = read_lock_object(bucket_, person_.id);
    ASSERT_TRUE(bucket_.remove(object_key(person_.id, "lock.json"), present->etag));
    EXPECT_TRUE(comes_to_be([&](const auto&) { return lock.lost(); }));
    EXPECT_FALSE(read_lock_object(bucket_, person_.id));
}

TEST_F(LockTest, IsNotTakenOverWhenItsLeaseRanOut)
{
    bucket_.put(object_key(person_.id, "lock.json"),
                R"json({"id": "x", "holder": "bob@work (8)", "operation": "destroy",
                        "since": "2024-12-01T12:00:00Z", "expires": "2024-12-01T12:01:00Z"})json",
                {});
    try {
        const Lock lock(world_, options(0s));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("bob@work (8), for 'destroy', since 2024-12-01"));
        EXPECT_THAT(error.hint(), HasSubstr("Its lease has expired"));
        EXPECT_THAT(error.hint(), HasSubstr("nimbus unlock --project testbed"));
    }
    EXPECT_TRUE(read_lock_object(bucket_, person_.id));
}

TEST_F(LockTest, AStateThatSomebodyElseWroteIsNotOverwritten)
{
    const State state{.deployment = person_.id, .account_id = "123456789012"};
    StateStore mine(world_);
    EXPECT_FALSE(mine.load());
    mine.save(state);
    mine.save(state);
    StateStore theirs(world_);
    EXPECT_EQ(theirs.load(), state);
    theirs.save(state);
    EXPECT_THROW(mine.save(state), Error);
    EXPECT_THROW(mine.remove(), Error);
    theirs.remove();
    EXPECT_FALSE(mine.load());
}

} // namespace
} // namespace nimbus::deploy
