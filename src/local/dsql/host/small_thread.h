#pragma once

#include <functional>
#include <memory>
#include <pthread.h>

namespace nimbus::local::dsql {

/// A thread with a small stack, of which there may be hundreds, and with all signals blocked: they
/// are the main thread's, and a SIGPIPE from a client that left stays without effect. Joined when
/// destroyed.
class SmallThread {
public:
    /// Throws Error when the system has no thread to give.
    explicit SmallThread(std::move_only_function<void()> body);
    ~SmallThread();
    SmallThread(const SmallThread&) = delete;
    SmallThread& operator=(const SmallThread&) = delete;

private:
    pthread_t thread_{};
};

} // namespace nimbus::local::dsql
