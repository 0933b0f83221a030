#pragma once

#include "base/thread_annotations.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace nimbus {

/// A mutex that clang's analysis knows, which libstdc++'s own is not. Taken by a MutexLock.
class NIMBUS_CAPABILITY("mutex") Mutex {
private:
    friend class MutexLock;
    std::mutex standard_;
};

/// Has the mutex for as long as it lives, what lies between `unlock` and `lock` apart.
class NIMBUS_SCOPED_CAPABILITY MutexLock {
public:
    explicit MutexLock(Mutex& mutex) NIMBUS_ACQUIRE(mutex) : standard_(mutex.standard_) {}
    ~MutexLock() NIMBUS_RELEASE() {}
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

    void unlock() NIMBUS_RELEASE() { standard_.unlock(); }
    void lock() NIMBUS_ACQUIRE() { standard_.lock(); }

private:
    friend class ConditionVariable;
    std::unique_lock<std::mutex> standard_;
};

/// May be taken again by the thread that has it. The analysis looks at one function at a time, and
/// there it counts as any other mutex.
class NIMBUS_CAPABILITY("mutex") RecursiveMutex {
private:
    friend class RecursiveMutexLock;
    std::recursive_mutex standard_;
};

class NIMBUS_SCOPED_CAPABILITY RecursiveMutexLock {
public:
    explicit RecursiveMutexLock(RecursiveMutex& mutex) NIMBUS_ACQUIRE(mutex)
        : standard_(mutex.standard_)
    {
    }
    ~RecursiveMutexLock() NIMBUS_RELEASE() {}
    RecursiveMutexLock(const RecursiveMutexLock&) = delete;
    RecursiveMutexLock& operator=(const RecursiveMutexLock&) = delete;

private:
    std::lock_guard<std::recursive_mutex> standard_;
};

/// Wakes up for no reason, too: wait in a loop that looks at what is waited for, where the analysis
/// sees that the mutex is held.
///
///     MutexLock lock(mutex_);
///     while (jobs_.empty())
///         changed_.wait(lock);
class ConditionVariable {
public:
    void notify_one() noexcept { standard_.notify_one(); }
    void notify_all() noexcept { standard_.notify_all(); }

    void wait(MutexLock& lock) { standard_.wait(lock.standard_); }
    /// False once that time has come.
    bool wait_until(MutexLock& lock, std::chrono::steady_clock::time_point time)
    {
        return standard_.wait_until(lock.standard_, time) == std::cv_status::no_timeout;
    }

private:
    std::condition_variable standard_;
};

} // namespace nimbus
