#pragma once

#include "base/unique_fd.h"
#include "net/event_loop.h"

#include <functional>
#include <map>
#include <memory>
#include <sys/types.h>
#include <thread>

namespace nimbus::local {

/// Tells when processes end, which need not be children, on a thread of its own.
class ProcessWatch {
public:
    /// `ended` is called on the thread, once for each process that was watched.
    explicit ProcessWatch(std::function<void(pid_t)> ended);
    ~ProcessWatch();
    ProcessWatch(const ProcessWatch&) = delete;
    ProcessWatch& operator=(const ProcessWatch&) = delete;

    /// Watching one again changes nothing. Throws Error when there is no such process. From any
    /// thread.
    void watch(pid_t process);

private:
    struct Watched {
        UniqueFd process;
        net::Registration ending;
    };

    void add(pid_t process, UniqueFd descriptor);

    std::function<void(pid_t)> ended_;
    net::EventLoop loop_;
    std::map<pid_t, Watched> watched_; ///< the thread's alone
    std::thread thread_;
};

} // namespace nimbus::local
