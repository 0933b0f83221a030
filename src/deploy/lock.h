#pragma once

#include "base/mutex.h"
#include "deploy/lock_object.h"
#include "deploy/pulse.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace nimbus::deploy {

/// Holds a deployment's lock: an object that says who has it, since when, and how long its lease
/// runs. A thread renews the lease; the destructor lets go of the lock.
///
/// The world's fence while it lives: no change is sent unless the lease is known to hold, by a
/// clock that counts the time in which the machine is suspended. After this process stood still the
/// object is read again first. A lock that was lost stays lost. A revocation in its place is
/// removed at the end, when nothing of this run is under way any more: the next one waits for that.
class Lock final : public Fence {
public:
    struct Options {
        std::string holder;
        std::string operation; ///< "deploy", "destroy"
        /// How long to wait for a lock that somebody else holds.
        std::chrono::milliseconds timeout{60'000};
        /// Shorter than the timeout: a lock that nobody renews any more is free by then.
        std::chrono::milliseconds lease = usual_lease;
    };

    /// Takes over a lock whose lease ran out, or whose process has ended, and waits for one that
    /// somebody else holds; throws Error that says who, when the time is up.
    Lock(World& world, const Options& options);
    ~Lock() override;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    /// Throws LockLost, or Error when the store cannot be asked.
    void check() override;
    /// Somebody removed the lock, or took it over: stop.
    bool lost() const noexcept { return lost_; }
    /// Somebody else had it when it was asked for. What they changed last the state may not tell.
    bool was_held() const noexcept { return was_held_; }

private:
    void acquire(std::chrono::milliseconds timeout);
    bool try_acquire() NIMBUS_REQUIRES(mutex_);
    bool write(const Bucket::Condition& condition) NIMBUS_REQUIRES(mutex_);
    void renew() NIMBUS_REQUIRES(mutex_);
    void confirm() NIMBUS_REQUIRES(mutex_);
    void check_locked() NIMBUS_REQUIRES(mutex_);
    void lose(const std::optional<LockInfo>& present) NIMBUS_REQUIRES(mutex_);
    void let_go() NIMBUS_REQUIRES(mutex_);
    void confirm_the_end() NIMBUS_REQUIRES(mutex_);
    [[noreturn]] void throw_held() NIMBUS_REQUIRES(mutex_);
    void keep_renewing();
    /// "The lock of shop (dev, us-east-1)"
    std::string name() const;

    World& world_;
    Bucket bucket_;
    std::string key_;
    Pulse pulse_;
    bool was_held_ = false; ///< never changes after construction

    Mutex mutex_;
    LockInfo ours_ NIMBUS_GUARDED_BY(mutex_);
    /// How long the last write that the store took is good for.
    BootClock::time_point held_until_ NIMBUS_GUARDED_BY(mutex_);
    std::optional<LockInfo> other_ NIMBUS_GUARDED_BY(mutex_); ///< who holds it, while waiting
    std::string loss_ NIMBUS_GUARDED_BY(mutex_);              ///< why it is lost
    std::atomic<bool> lost_ = false;

    ConditionVariable released_;
    bool stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread renewer_;
};

/// Removes a lock that anybody may take over. For a run that has nothing to do, and needs no lock:
/// a killed one may have left it after its last change.
void remove_abandoned_lock(World& world);

} // namespace nimbus::deploy
