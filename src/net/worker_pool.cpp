#include "net/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace nimbus::net {

struct WorkerPool::Impl {
    std::mutex mutex;
    std::condition_variable ready;
    std::deque<std::move_only_function<void()>> jobs;
    bool closing = false;
    std::vector<std::thread> threads;

    void work()
    {
        std::unique_lock lock(mutex);
        for (;;) {
            ready.wait(lock, [this] { return closing || !jobs.empty(); });
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
};

WorkerPool::WorkerPool(unsigned threads) : impl_(std::make_unique<Impl>())
{
    for (unsigned i = 0; i < threads; ++i)
        impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

WorkerPool::~WorkerPool()
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->closing = true;
    }
    impl_->ready.notify_all();
    for (auto& thread : impl_->threads)
        thread.join();
}

void WorkerPool::post(std::move_only_function<void()> work)
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->jobs.push_back(std::move(work));
    }
    impl_->ready.notify_one();
}

} // namespace nimbus::net
