#include "local/services/dsql/process_watch.h"

#include "base/error.h"

#include <cerrno>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace nimbus::local {

ProcessWatch::ProcessWatch(std::function<void(pid_t)> ended)
    : ended_(std::move(ended)), thread_([this] { loop_.run(); })
{
}

ProcessWatch::~ProcessWatch()
{
    loop_.stop();
    thread_.join();
    watched_.clear(); // before the loop
}

void ProcessWatch::watch(pid_t process)
{
    UniqueFd descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!descriptor)
        throw_system_error(errno, "Cannot watch the process " + std::to_string(process));
    loop_.post([this, process, descriptor = std::move(descriptor)] mutable {
        add(process, std::move(descriptor));
    });
}

void ProcessWatch::add(pid_t process, UniqueFd descriptor)
{
    if (watched_.contains(process))
        return;
    auto& watched = watched_[process];
    watched.process = std::move(descriptor);
    watched.ending = loop_.when_readable(watched.process.get(), [this, process] {
        const auto ended = process; // what is called now goes with its registration
        watched_.erase(ended);
        ended_(ended);
    });
}

} // namespace nimbus::local
