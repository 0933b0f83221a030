#include "base/mutex.h"

#include <gtest/gtest.h>

#include <thread>

namespace nimbus {
namespace {

class Counter {
public:
    void add() NIMBUS_EXCLUDES(mutex_)
    {
        const MutexLock lock(mutex_);
        ++value_;
        changed_.notify_all();
    }

    int wait_for(int value) NIMBUS_EXCLUDES(mutex_)
    {
        MutexLock lock(mutex_);
        while (value_ < value)
            changed_.wait(lock);
        return value_;
    }

    bool reaches(int value, std::chrono::steady_clock::time_point by) NIMBUS_EXCLUDES(mutex_)
    {
        MutexLock lock(mutex_);
        while (value_ < value)
            if (!changed_.wait_until(lock, by))
                return value_ >= value;
        return true;
    }

private:
    Mutex mutex_;
    ConditionVariable changed_;
    int value_ NIMBUS_GUARDED_BY(mutex_) = 0;
};

TEST(Mutex, OneThreadAtATimeHasIt)
{
    Counter counter;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i)
                    counter.add();
            });
    }
    EXPECT_EQ(counter.wait_for(4000), 4000);
}

TEST(Mutex, AThreadThatWaitsIsWokenByAChange)
{
    Counter counter;
    std::jthread other([&] { counter.add(); });
    EXPECT_EQ(counter.wait_for(1), 1);
}

TEST(Mutex, WaitingEndsAtItsTime)
{
    Counter counter;
    EXPECT_FALSE(counter.reaches(1, std::chrono::steady_clock::now()));
}

TEST(MutexLock, LetsGoForAWhile)
{
    Mutex mutex;
    MutexLock lock(mutex);
    lock.unlock();
    std::thread([&] { const MutexLock in_between(mutex); }).join();
    lock.lock();
}

TEST(RecursiveMutex, MayBeTakenAgainByTheThreadThatHasIt)
{
    RecursiveMutex mutex;
    const RecursiveMutexLock lock(mutex);
    [&] { const RecursiveMutexLock again(mutex); }();
}

} // namespace
} // namespace nimbus
