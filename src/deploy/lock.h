#pragma once

#include "base/mutex.h"
#include "deploy/bucket.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace nimbus::deploy {

/// The lock as the object says it.
struct LockObject {
    LockInfo info;
    std::string id; ///< random: tells this lock from the next one of the same holder
    std::string etag;
};

std::optional<LockObject> read_lock_object(Bucket& bucket, const DeploymentId& deployment);

/// Holds a deployment's lock: an object that says who has it, since when, and how long its lease
/// runs. A thread renews the lease; the destructor lets go of the lock. A lock whose lease ran out
/// is not taken over: a person looks at it first (`nimbus unlock`).
class Lock {
public:
    struct Options {
        std::string holder;
        std::string operation; ///< "deploy", "destroy"
        std::chrono::milliseconds timeout{60'000};
        std::chrono::milliseconds lease{60'000};
        Clock clock = system_now;
    };

    /// Waits for a lock that somebody else holds; throws Error that says who, when the time is up.
    Lock(World& world, Options options);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    /// Somebody removed the lock, or it could not be renewed in time: stop.
    bool lost() const noexcept { return lost_; }

private:
    std::string text() const;
    bool try_acquire();
    void wait_for_holder();
    [[noreturn]] void throw_held() const;
    void renew_until_released();
    void renew();

    World& world_;
    Bucket bucket_;
    Options options_;
    std::string key_;
    std::string id_;
    SystemTime since_;
    SystemTime expires_;
    std::string etag_;
    std::optional<LockObject> other_; ///< who holds it, while waiting

    std::atomic<bool> lost_ = false;
    Mutex mutex_;
    ConditionVariable released_;
    bool stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread renewer_;
};

} // namespace nimbus::deploy
