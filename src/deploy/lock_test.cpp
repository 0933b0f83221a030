#include "aws/ops/s3/buckets.h"
#include "aws/ops/s3/objects.h"
#include "deploy/lock.h"
#include "deploy/state_store.h"
#include "deploy/test_cloud.h"
#include "deploy/test_kill.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

/// Remembers what people are told.
class Notes : public Status {
public:
    void note(const std::string& sentence) override { sentences.push_back(sentence); }

    std::vector<std::string> sentences;
};

const std::string old_lock = R"json({"id": "x", "holder": "bob@work (8)", "operation": "destroy",
    "since": "2024-12-01T12:00:00Z", "expires": "2024-12-01T12:01:00Z"})json";

/// Of bob's, acquired now, with an hour to go.
LockInfo lock_of_bob()
{
    return {.id = "x",
            .holder = "bob@work (8)",
            .operation = "destroy",
            .since = system_now(),
            .expires = system_now() + 1h,
            .lease = 1h};
}

class LockTest : public testing::Test {
protected:
    LockTest()
    {
        // By another client: a forked process may not use a connection of this one's.
        const Person other(cloud_);
        other.client().call(
            aws::s3::CreateBucket{.bucket = other.target().bucket, .region = "us-east-1"});
    }

    static Lock::Options options(std::chrono::milliseconds timeout,
                                 std::chrono::milliseconds lease = 60s)
    {
        return {
            .holder = "ann@home (7)", .operation = "deploy", .timeout = timeout, .lease = lease};
    }

    std::optional<LockInfo> present() { return find_lock(bucket_, person_.id); }
    void put_lock(const std::string& text)
    {
        person_.client().call(
            aws::s3::PutObject{.bucket = person_.target().bucket, .key = key_, .body = text});
    }
    void remove_object() { ASSERT_TRUE(bucket_.remove(key_, present()->etag)); }
    /// A change, as a step of a deploy makes it.
    void change() { world_.call(aws::s3::DeleteObject{.bucket = "nimbus-state", .key = "a"}); }

    /// A process that has the lock and is stopped before its first change.
    testing_kill::StoppedProcess run_stopped(std::chrono::milliseconds lease)
    {
        return testing_kill::StoppedProcess("2:before", [&] {
            World world(all_kinds(), person_.target(), person_.id, status_);
            const Lock lock(world, options(1s, lease));
            world.call(aws::s3::DeleteObject{.bucket = "nimbus-state", .key = "a"});
        });
    }

    /// Looks at the lock until it is as `is_right` wants it.
    template <class Condition>
    bool comes_to_be(Condition is_right)
    {
        const auto deadline = Deadline::after(10s);
        while (!deadline.reached())
            if (is_right(present()))
                return true;
        return false;
    }

    /// What somebody is told who wants the lock.
    Error refusal()
    {
        try {
            const Lock lock(world_, options(0s));
        } catch (const Error& error) {
            return error;
        }
        return Error("was not refused");
    }

    CloudProcess cloud_;
    Person person_{cloud_};
    Notes status_;
    World world_{all_kinds(), person_.target(), person_.id, status_};
    /// As somebody else's.
    World other_world_{all_kinds(), person_.target(), person_.id, status_};
    Bucket bucket_{other_world_};
    std::string key_ = lock_key(person_.id);
};

TEST_F(LockTest, SaysWhoHoldsItAndIsGoneAfterwards)
{
    {
        const Lock lock(world_, options(1s));
        const auto found = present();
        ASSERT_TRUE(found);
        EXPECT_EQ(found->holder, "ann@home (7)");
        EXPECT_EQ(found->operation, "deploy");
        EXPECT_EQ(found->process, process::identity_of(::getpid()));
        EXPECT_FALSE(found->stale);
        EXPECT_FALSE(found->holder_ended);
        EXPECT_FALSE(lock.lost());
        EXPECT_FALSE(lock.was_held());
    }
    EXPECT_FALSE(present());
}

TEST_F(LockTest, IsWaitedFor)
{
    auto first = std::make_unique<Lock>(world_, options(1s));
    std::atomic<bool> is_waiting = false;
    std::thread second([&] {
        is_waiting = true;
        const Lock lock(other_world_, options(10s));
    });
    while (!is_waiting)
        std::this_thread::yield();
    first.reset();
    second.join();
    EXPECT_FALSE(present());
}

TEST_F(LockTest, IsRenewedByItsHolder)
{
    const Lock lock(world_, options(1s, 300ms));
    const auto first = present()->expires;
    EXPECT_TRUE(comes_to_be([&](const auto& found) { return found->expires > first; }));
    EXPECT_FALSE(lock.lost());
}

TEST_F(LockTest, ThatSomebodyTookAwayIsLostAndNotTakenBack)
{
    const Lock lock(world_, options(1s, 300ms));
    remove_object();
    EXPECT_TRUE(comes_to_be([&](const auto&) { return lock.lost(); }));
    EXPECT_FALSE(present());
}

TEST_F(LockTest, LetsNoChangePassOnceItIsLost)
{
    const Lock lock(world_, options(1s, 300ms));
    change();
    put_lock(lock_text(lock_of_bob()));
    EXPECT_TRUE(comes_to_be([&](const auto&) { return lock.lost(); }));
    try {
        change();
        FAIL();
    } catch (const LockLost& error) {
        EXPECT_THAT(error.what(), HasSubstr("is held by bob@work (8), for 'destroy', since 20"));
        EXPECT_THAT(error.hint(), HasSubstr("will change nothing more"));
    }
    EXPECT_THROW(world_.change([] { FAIL() << "an SQL statement"; }), LockLost);
    StateStore store(world_);
    EXPECT_FALSE(store.load());
    EXPECT_THROW(store.save({.deployment = person_.id}), LockLost);
}

TEST_F(LockTest, IsTakenOverWhenItsLeaseRanOut)
{
    put_lock(old_lock);
    {
        const Lock lock(world_, options(0s));
        EXPECT_EQ(present()->holder, "ann@home (7)");
        EXPECT_TRUE(lock.was_held());
    }
    EXPECT_THAT(status_.sentences,
                ElementsAre("Took over the lock of bob@work (8), for 'destroy', since "
                            "2024-12-01T12:00:00Z: its lease has expired"));
    EXPECT_FALSE(present());
}

TEST_F(LockTest, IsTakenOverWhenItsProcessHasEnded)
{
    auto left_behind = lock_of_bob();
    left_behind.process = process::identity_of(::getpid());
    left_behind.process->start_time = "1"; // another process had that number
    put_lock(lock_text(left_behind));
    const Lock lock(world_, options(0s));
    EXPECT_EQ(present()->holder, "ann@home (7)");
    EXPECT_THAT(status_.sentences, ElementsAre(HasSubstr("its process has ended")));
}

TEST_F(LockTest, OfAProcessThatMayRunIsNotTakenOver)
{
    for (const auto& process :
         {std::optional<process::ProcessIdentity>(), // an earlier version's
          std::optional(process::identity_of(::getpid())),
          std::optional<process::ProcessIdentity>({.boot_id = "another machine's",
                                                   .pid_namespace = "pid:[1]",
                                                   .pid = 1,
                                                   .start_time = "1"})}) {
        auto lock = lock_of_bob();
        lock.process = process;
        put_lock(lock_text(lock));
        const auto error = refusal();
        EXPECT_THAT(error.what(), HasSubstr("is held by bob@work (8), for 'destroy', since 20"));
        EXPECT_THAT(error.hint(), HasSubstr("nimbus unlock --project testbed"));
        EXPECT_EQ(present()->holder, "bob@work (8)");
    }
    EXPECT_THAT(status_.sentences, IsEmpty());
}

TEST_F(LockTest, ThatIsNoneIsRefusedWithTheWayOut)
{
    for (const char* text : {"", "{", "[]", "5", R"({"holder": "ann"})", R"({"id": 5})"}) {
        put_lock(text);
        const auto error = refusal();
        EXPECT_THAT(error.what(), HasSubstr("s3://nimbus-state/nimbus/testbed/dev/us-east-1/"
                                            "lock.json cannot be read"))
            << text;
        EXPECT_THAT(error.hint(), HasSubstr("nimbus unlock --project testbed")) << text;
        EXPECT_EQ(present()->text, text);
    }
    // A run may be at work whose lock was there before.
    EXPECT_EQ(unlock(person_.target(), person_.id, *present()), Unlocked::revoked);
    EXPECT_EQ(refusal().what(), "The lock of testbed (dev, us-east-1) was taken from somebody "
                                "whose lock could not be read; that one may be at work until " +
                                    format_iso8601_seconds(present()->ends));
}

TEST_F(LockTest, ThatWasUnreadableIsFreeOnceALeaseIsOver)
{
    put_lock("broken");
    const auto found = *present();
    const auto latest = system_now() + usual_lease + 3s; // the store rounds
    EXPECT_LE(found.ends, latest);
    EXPECT_EQ(unlock(person_.target(), person_.id, found), Unlocked::revoked);
    EXPECT_LE(present()->ends, found.ends);
    EXPECT_LT(latest - system_now(), Options().lock_timeout) << "the next deploy waits that long";
}

TEST_F(LockTest, ThatWasTakenAwayIsNotWaitedForLongerThanItsLease)
{
    auto revocation = lock_of_bob();
    revocation.lease = 20s;
    revocation.revokes = "y";
    revocation.ends = system_now() + 24h;
    put_lock(lock_text(revocation));
    EXPECT_LE(present()->ends, system_now() + 23s);
}

TEST_F(LockTest, WhoseLeaseRanOutWhileItsHolderWasStoppedIsRenewed)
{
    auto holder = run_stopped(200ms);
    ASSERT_TRUE(holder.is_stopped());
    EXPECT_TRUE(comes_to_be([&](const auto& found) { return found->expires < system_now(); }));
    EXPECT_EQ(holder.let_go(), testing_kill::End::done);
    EXPECT_FALSE(present());
}

TEST_F(LockTest, IsLostToWhoTookItWhileItsHolderWasStopped)
{
    auto holder = run_stopped(200ms);
    ASSERT_TRUE(holder.is_stopped());
    const Lock lock(other_world_, options(30s));
    EXPECT_THAT(status_.sentences, ElementsAre(HasSubstr("its lease has expired")));
    EXPECT_EQ(holder.let_go(), testing_kill::End::lost_lock);
    EXPECT_EQ(present()->holder, "ann@home (7)");
}

TEST_F(LockTest, ThatIsTakenAwayIsFreeOnceItsHolderHasStopped)
{
    auto holder = std::make_unique<Lock>(world_, options(1s, 2s));
    const auto shown = *present();
    EXPECT_EQ(unlock(person_.target(), person_.id, shown), Unlocked::revoked);
    EXPECT_EQ(unlock(person_.target(), person_.id, shown), Unlocked::revoked) << "once more";
    EXPECT_TRUE(comes_to_be([&](const auto&) { return holder->lost(); }));
    EXPECT_THAT([&] { change(); },
                testing::ThrowsMessage<LockLost>(HasSubstr("'nimbus unlock' took it away")));

    const auto refused = refusal(); // what the holder sent before may still be under way
    EXPECT_THAT(refused.what(), HasSubstr("was taken from ann@home (7), for 'deploy', since 20"));
    EXPECT_THAT(refused.what(), HasSubstr("may be at work until"));
    holder.reset();
    EXPECT_FALSE(present());
    const Lock next(other_world_, options(0s));
}

TEST_F(LockTest, ThatIsTakenAwayAtTheVeryEndIsFreeAtOnce)
{
    {
        const Lock holder(world_, options(1s));
        EXPECT_EQ(unlock(person_.target(), person_.id, *present()), Unlocked::revoked);
    }
    EXPECT_FALSE(present());
    EXPECT_THAT(status_.sentences, IsEmpty());
}

TEST_F(LockTest, ThatIsTakenAwayIsFreeWhenTheLastLeaseOfItsHolderIsOver)
{
    auto holder = run_stopped(200ms);
    ASSERT_TRUE(holder.is_stopped());
    EXPECT_EQ(unlock(person_.target(), person_.id, *present()), Unlocked::revoked);
    EXPECT_THAT(refusal().what(), HasSubstr("may be at work until"));
    const Lock lock(other_world_, options(30s));
    EXPECT_EQ(holder.let_go(), testing_kill::End::lost_lock);
    EXPECT_EQ(present()->holder, "ann@home (7)");
    EXPECT_THAT(present()->revokes, IsEmpty());
}

TEST_F(LockTest, ThatIsTakenAwayFromAProcessThatEndsThenIsFree)
{
    auto lock = lock_of_bob();
    lock.process = process::identity_of(::getpid());
    put_lock(lock_text(lock));
    EXPECT_EQ(unlock(person_.target(), person_.id, *present()), Unlocked::revoked);
    auto revocation = *present();
    revocation.process->start_time = "1"; // another process had that number
    put_lock(lock_text(revocation));
    EXPECT_EQ(unlock(person_.target(), person_.id, *present()), Unlocked::removed);
    EXPECT_FALSE(present());
}

TEST_F(LockTest, AStateThatSomebodyElseWroteIsNotOverwritten)
{
    const State state{.deployment = person_.id, .account_id = "123456789012"};
    StateStore mine(world_);
    EXPECT_FALSE(mine.load());
    mine.save(state);
    mine.save(state);
    StateStore theirs(other_world_);
    EXPECT_EQ(theirs.load(), state);
    theirs.save(state);
    EXPECT_THROW(mine.save(state), Error);
    EXPECT_THROW(mine.remove(), Error);
    theirs.remove();
    EXPECT_FALSE(mine.load());
}

TEST(LockText, OfThisVersionAndOfEarlierOnesIsRead)
{
    auto lock = lock_of_bob();
    lock.process = process::identity_of(::getpid());
    const auto read = parse_lock(lock_text(lock));
    EXPECT_THAT(read.damage, IsEmpty());
    EXPECT_EQ(read.id, lock.id);
    EXPECT_EQ(read.lease, lock.lease);
    EXPECT_EQ(read.process, lock.process);
    EXPECT_THAT(read.revokes, IsEmpty());

    lock.ends = lock.since + 20s;
    const auto revocation = parse_lock(lock_text(revocation_of(lock)));
    EXPECT_NE(revocation.id, lock.id) << "earlier versions go by it";
    EXPECT_EQ(revocation.revokes, lock.id);
    EXPECT_EQ(format_iso8601_seconds(revocation.ends), format_iso8601_seconds(lock.ends));
    EXPECT_EQ(revocation.process, lock.process);

    const auto earlier = parse_lock(old_lock);
    EXPECT_THAT(earlier.damage, IsEmpty());
    EXPECT_EQ(earlier.holder, "bob@work (8)");
    EXPECT_EQ(earlier.lease, 60s);
    EXPECT_FALSE(earlier.process);
}

TEST(LockText, ThatIsEndlessIsDamaged)
{
    auto lock = lock_of_bob();
    lock.holder = std::string(100'000, 'b');
    EXPECT_THAT(parse_lock(lock_text(lock)).damage, HasSubstr("more than 1000 bytes"));
}

TEST(Lease, IsOverByTheStoresClock)
{
    auto lock = lock_of_bob();
    lock.lease = 60s;
    const auto written = lock.since;
    const auto is_over = [&](SystemTime now) {
        lock.ends = end_of_lease(lock, written);
        return lease_is_over(lock, now);
    };
    EXPECT_FALSE(is_over(written + 60s));
    EXPECT_TRUE(is_over(written + 63s));

    // A holder whose clock is slow writes an end that seems to be over.
    lock.expires = written - 4min;
    EXPECT_FALSE(is_over(written + 50s));
    lock.expires = written - 5min;
    EXPECT_TRUE(is_over(written + 50s)) << "AWS takes no call of such a clock";

    lock.damage = "it is empty";
    EXPECT_FALSE(is_over(written + 20s)) << "a lock may have been there";
    EXPECT_TRUE(is_over(written + 23s));
    lock = lock_of_bob();
    lock.lease = 24h;
    lock.expires = written + 24h;
    EXPECT_TRUE(is_over(written + 11min)) << "no version of Nimbus takes such a lease";
}

} // namespace
} // namespace nimbus::deploy
