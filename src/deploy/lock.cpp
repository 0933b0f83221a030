#include "deploy/lock.h"

#include "base/backoff.h"
#include "base/random.h"
#include "deploy/kind.h"

#include <algorithm>
#include <unistd.h>

namespace nimbus::deploy {
namespace {

constexpr Backoff waiting{.first = std::chrono::milliseconds(50),
                          .longest = std::chrono::milliseconds(1'000)};
/// The lease is renewed that many times before it runs out. It is also how soon a holder learns
/// that its lock was revoked.
constexpr int renewals = 4;

constexpr const char* after_loss =
    "This run has stopped and will change nothing more. When no other deploy is running, run the "
    "command again: it continues from what it finds.";

} // namespace

Lock::Lock(World& world, const Options& options)
    : world_(world), bucket_(world, Bucket::Fenced::no), key_(lock_key(world.deployment())),
      ours_{.id = random_uuid(),
            .holder = options.holder,
            .operation = options.operation,
            .lease = options.lease,
            .process = process::identity_of(::getpid())}
{
    acquire(options.timeout);
    world_.guard(this);
    renewer_ = std::thread([this] { keep_renewing(); });
}

Lock::~Lock()
{
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    released_.notify_one();
    renewer_.join();
    world_.guard(nullptr);
    try {
        const MutexLock lock(mutex_);
        let_go();
    } catch (const std::exception& error) {
        world_.status().note("The lock " + bucket_.location(key_) +
                             " was not removed: " + error.what());
    }
}

void Lock::let_go()
{
    try {
        check_locked();
        if (bucket_.remove(key_, ours_.etag))
            return;
    } catch (const LockLost&) {
        // Who was told to stop says that it has; what others did with the lock is theirs.
    }
    confirm_the_end();
}

void Lock::confirm_the_end()
{
    const auto present = find_lock(bucket_, world_.deployment());
    if (present && present->revokes == ours_.id)
        bucket_.remove(key_, present->etag);
}

std::string Lock::name() const
{
    const auto& id = world_.deployment();
    return "The lock of " + id.project + " (" + id.stage + ", " + id.region + ")";
}

void Lock::acquire(std::chrono::milliseconds timeout)
{
    const MutexLock lock(mutex_);
    const auto deadline = Deadline::after(timeout);
    for (int attempts = 1; !try_acquire(); ++attempts) {
        if (deadline.reached())
            throw_held();
        if (attempts == 1 && other_)
            world_.status().phase(
                (other_->revokes.empty() ? "Waiting for the lock of " : "Waiting for the end of ") +
                other_->holder);
        if (world_.interrupted())
            throw Interrupted("Interrupted while waiting for the lock; nothing was changed");
        std::this_thread::sleep_for(std::min(waiting.pause(attempts), deadline.remaining()));
    }
}

bool Lock::try_acquire()
{
    other_ = find_lock(bucket_, world_.deployment());
    ours_.since = system_now();
    if (!other_)
        return write({});
    if (!other_->damage.empty())
        throw Error("The lock " + other_->location + " cannot be read: " + other_->damage,
                    "'" + unlock_command(world_.deployment()) + "' shows it and removes it.");
    // A write whose answer was lost meets itself.
    const bool is_ours = other_->id == ours_.id;
    was_held_ |= !is_ours;
    const auto reason = reason_to_take_over(*other_);
    if ((!is_ours && reason.empty()) || !write({other_->etag}))
        return false;
    if (!is_ours)
        world_.status().note("Took over the lock of " + describe(*other_) + ": " + reason);
    return true;
}

/// False when the object is not as the condition wants it.
bool Lock::write(const Bucket::Condition& condition)
{
    const auto sent_at = BootClock::now();
    ours_.expires = system_now() + ours_.lease;
    const auto etag = bucket_.put(key_, lock_text(ours_), condition);
    if (!etag)
        return false;
    ours_.etag = *etag;
    held_until_ = sent_at + ours_.lease;
    return true;
}

void Lock::throw_held()
{
    if (!other_)
        throw Error(name() + " could not be acquired: others took it and left it at the same time",
                    "Run the command again.");
    if (!other_->revokes.empty())
        throw Error(name() + " was taken from " + describe(*other_) +
                        "; that one may be at work until " + format_iso8601_seconds(other_->ends),
                    "Run the command again then. It waits by itself, for NIMBUS_LOCK_TIMEOUT "
                    "seconds.");
    throw Error(name() + " is held by " + describe(*other_),
                "Wait until it ends. If it cannot be at work any more, remove its lock with '" +
                    unlock_command(world_.deployment()) + "'.");
}

void Lock::check()
{
    const MutexLock lock(mutex_);
    check_locked();
}

void Lock::check_locked()
{
    if (lost_)
        throw LockLost(loss_, after_loss);
    while (pulse_.stood_still() || BootClock::now() >= held_until_) {
        pulse_.forget();
        confirm();
    }
}

/// Asks the store. Throws LockLost when the lock is not ours any more; renews it when it still is,
/// though its lease ran out.
void Lock::confirm()
{
    const auto present = find_lock(bucket_, world_.deployment());
    if (!present || present->id != ours_.id) {
        lose(present);
        throw LockLost(loss_, after_loss);
    }
    ours_.etag = present->etag;
    if (BootClock::now() >= held_until_)
        write({ours_.etag});
}

void Lock::lose(const std::optional<LockInfo>& present)
{
    loss_ = name() + " is lost: ";
    if (!present)
        loss_ += "somebody removed it";
    else if (present->revokes == ours_.id)
        loss_ += "'nimbus unlock' took it away";
    else if (!present->damage.empty() || !present->revokes.empty())
        loss_ += "what is in its place is not this run's lock";
    else
        loss_ += "it is held by " + describe(*present);
    lost_ = true;
}

void Lock::keep_renewing()
{
    MutexLock lock(mutex_);
    while (!lost_) {
        const auto next = Deadline::SteadyClock::now() + ours_.lease / renewals;
        while (!stopping_ && released_.wait_until(lock, next))
            continue;
        if (stopping_)
            return;
        try {
            renew();
        } catch (const LockLost&) {
            return; // the next change says so
        } catch (const std::exception& error) {
            // The next attempt may come in time.
            world_.status().note(std::string("The lock was not renewed: ") + error.what());
        }
    }
}

void Lock::renew()
{
    check_locked(); // after a pause it may be somebody else's
    // A write whose answer was lost is sent again, and meets itself.
    while (!write({ours_.etag}))
        confirm();
}

void remove_abandoned_lock(World& world)
{
    Bucket bucket(world);
    const auto lock = find_lock(bucket, world.deployment());
    if (lock && !reason_to_take_over(*lock).empty())
        bucket.remove(lock_key(world.deployment()), lock->etag);
}

std::optional<LockInfo> read_lock(const Target& target, const DeploymentId& deployment)
{
    const Kinds none({});
    Status quiet;
    World world(none, target, deployment, quiet);
    Bucket bucket(world);
    return find_lock(bucket, deployment);
}

namespace {

/// Its holder may have renewed it meanwhile, and somebody else may have revoked it.
bool is_same(const LockInfo& present, const LockInfo& expected)
{
    if (present.etag == expected.etag)
        return true;
    return present.damage.empty() && (present.id == expected.id || present.revokes == expected.id);
}

/// Nothing when another write came in between.
std::optional<Unlocked> take_away(Bucket& bucket, const std::string& key, const LockInfo& lock)
{
    if (lock.holder_ended || lock.stale)
        return bucket.remove(key, lock.etag) ? std::optional(Unlocked::removed) : std::nullopt;
    if (lock.revokes.empty() && !bucket.put(key, lock_text(revocation_of(lock)), {lock.etag}))
        return {};
    return Unlocked::revoked;
}

} // namespace

Unlocked unlock(const Target& target, const DeploymentId& deployment, const LockInfo& expected)
{
    const Kinds none({});
    Status quiet;
    World world(none, target, deployment, quiet);
    Bucket bucket(world);
    auto present = find_lock(bucket, deployment);
    while (present && is_same(*present, expected)) {
        if (const auto done = take_away(bucket, lock_key(deployment), *present))
            return *done;
        present = find_lock(bucket, deployment);
    }
    if (!present)
        return Unlocked::removed;
    throw Error("The lock has changed hands: " + (present->damage.empty()
                                                      ? present->holder + " holds it now"
                                                      : "it is another one now"),
                "Run 'nimbus unlock' again to look at it.");
}

} // namespace nimbus::deploy
