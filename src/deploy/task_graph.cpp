#include "deploy/task_graph.h"

#include "base/assert.h"
#include "base/mutex.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <stdexcept>
#include <thread>

namespace nimbus::deploy {
namespace {

/// What the worker threads share.
class Schedule {
public:
    Schedule(const Prerequisites& after, const std::function<bool(std::size_t)>& run)
        : run_(run), waiting_for_(after.size()), dependents_(after.size()), left_(after.size())
    {
        for (std::size_t task = 0; task < after.size(); ++task) {
            waiting_for_[task] = after[task].size();
            for (const auto before : after[task])
                dependents_.at(before).push_back(task);
            if (after[task].empty())
                ready_.push_back(task);
        }
    }

    /// Takes ready tasks until all are done or one said stop.
    void work() NIMBUS_EXCLUDES(mutex_)
    {
        MutexLock lock(mutex_);
        for (;;) {
            while (!over() && ready_.empty())
                changed_.wait(lock);
            if (over())
                return;
            const auto task = ready_.front();
            ready_.pop_front();
            ++running_;
            lock.unlock();
            const bool go_on = run_(task);
            lock.lock();
            --running_;
            finish(task, go_on);
            if (over())
                changed_.notify_all();
        }
    }

    bool complete() NIMBUS_EXCLUDES(mutex_)
    {
        const MutexLock lock(mutex_);
        NIMBUS_ASSERT(running_ == 0, "the schedule is over when no task runs");
        return stopped_ || left_ == 0;
    }

private:
    /// Also when all that is left waits for itself.
    bool over() const NIMBUS_REQUIRES(mutex_)
    {
        return stopped_ || left_ == 0 || (ready_.empty() && running_ == 0);
    }

    void finish(std::size_t task, bool go_on) NIMBUS_REQUIRES(mutex_)
    {
        NIMBUS_ASSERT(left_ > 0, "a task is finished once");
        --left_;
        if (!go_on)
            stopped_ = true;
        for (const auto dependent : dependents_[task])
            if (--waiting_for_[dependent] == 0) {
                ready_.push_back(dependent);
                changed_.notify_one();
            }
    }

    const std::function<bool(std::size_t)>& run_;
    Mutex mutex_;
    ConditionVariable changed_;
    std::vector<std::size_t> waiting_for_ NIMBUS_GUARDED_BY(mutex_); ///< how many tasks, per task
    std::vector<std::vector<std::size_t>> dependents_ NIMBUS_GUARDED_BY(mutex_);
    std::deque<std::size_t> ready_ NIMBUS_GUARDED_BY(mutex_);
    std::size_t left_ NIMBUS_GUARDED_BY(mutex_);
    std::size_t running_ NIMBUS_GUARDED_BY(mutex_) = 0;
    bool stopped_ NIMBUS_GUARDED_BY(mutex_) = false;
};

} // namespace

void run_tasks(const Prerequisites& after, int workers, const std::function<bool(std::size_t)>& run)
{
    Schedule schedule(after, run);
    const auto threads = std::min(static_cast<std::size_t>(std::max(workers, 1)), after.size());
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads; ++i)
            others.emplace_back([&] { schedule.work(); });
        schedule.work();
    }
    if (!schedule.complete())
        throw std::logic_error("steps of a plan wait for each other");
}

void run_in_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& body)
{
    Mutex mutex;
    std::exception_ptr failure;
    run_tasks(Prerequisites(count), workers, [&](std::size_t i) {
        try {
            body(i);
            return true;
        } catch (...) {
            const MutexLock lock(mutex);
            if (!failure)
                failure = std::current_exception();
            return false;
        }
    });
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace nimbus::deploy
