#pragma once

#include <functional>
#include <memory>

namespace nimbus::net {

/// Threads for work that blocks. Jobs run in the order of `post`, several at a time, and must not
/// throw. The destructor runs what was posted, then joins.
class WorkerPool {
public:
    explicit WorkerPool(unsigned threads);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// From any thread, jobs included.
    void post(std::move_only_function<void()> work);

    /// Is the calling thread one of the pool's?
    bool is_worker_thread() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::net
