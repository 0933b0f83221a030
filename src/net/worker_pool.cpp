#include "net/worker_pool.h"

#include "base/assert.h"
#include "base/mutex.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

namespace nimbus::net {

/// The queue of jobs. Who may touch it, and what moves in it:
///  - `post` appends, from any thread, while the pool lives;
///  - a worker that is free takes the front one, and lets go of the mutex while the job runs: jobs
///    may post others, and take locks under which others post;
///  - the destructor sets `closing`. From then on only jobs post: a worker ends when it finds the
///    queue empty, so the one that has posted is there to run what it posted.
struct WorkerPool::Impl {
    void work() NIMBUS_EXCLUDES(mutex)
    {
        MutexLock lock(mutex);
        for (;;) {
            while (!closing && jobs.empty())
                ready.wait(lock);
            if (jobs.empty())
                return;
            auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            job = nullptr; // what it holds is released outside the lock
            lock.lock();
        }
    }

    bool is_worker(std::thread::id thread) const NIMBUS_REQUIRES(mutex)
    {
        return std::ranges::find(workers, thread) != workers.end();
    }

    Mutex mutex;
    ConditionVariable ready;
    std::deque<std::move_only_function<void()>> jobs NIMBUS_GUARDED_BY(mutex);
    bool closing NIMBUS_GUARDED_BY(mutex) = false;
    std::vector<std::thread::id> workers NIMBUS_GUARDED_BY(mutex); ///< of `threads`
    std::vector<std::thread> threads; ///< the constructor's and the destructor's alone
};

WorkerPool::WorkerPool(unsigned threads) : impl_(std::make_unique<Impl>())
{
    for (unsigned i = 0; i < threads; ++i) {
        impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
        const MutexLock lock(impl_->mutex);
        impl_->workers.push_back(impl_->threads.back().get_id());
    }
}

WorkerPool::~WorkerPool()
{
    {
        const MutexLock lock(impl_->mutex);
        NIMBUS_ASSERT(!impl_->is_worker(std::this_thread::get_id()),
                      "a pool is not destroyed by a job of its own");
        impl_->closing = true;
    }
    impl_->ready.notify_all();
    for (auto& thread : impl_->threads)
        thread.join();
    const MutexLock lock(impl_->mutex);
    NIMBUS_ASSERT(impl_->jobs.empty(), "a pool has run all jobs when it ends");
}

bool WorkerPool::is_worker_thread() const
{
    const MutexLock lock(impl_->mutex);
    return impl_->is_worker(std::this_thread::get_id());
}

void WorkerPool::post(std::move_only_function<void()> work)
{
    NIMBUS_ASSERT(work != nullptr, "a job does something");
    {
        const MutexLock lock(impl_->mutex);
        NIMBUS_ASSERT(!impl_->closing || impl_->is_worker(std::this_thread::get_id()),
                      "only its own jobs post to a pool that ends");
        impl_->jobs.push_back(std::move(work));
    }
    impl_->ready.notify_one();
}

} // namespace nimbus::net
