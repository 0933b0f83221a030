#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace nimbus::net {

/// A callback registered with an EventLoop; destroying it cancels the callback, which then does not
/// run any more. Destroy it on the loop's thread, or after the loop has stopped.
class Registration {
public:
    struct Impl;

    Registration();
    explicit Registration(std::shared_ptr<Impl> impl);
    Registration(Registration&&) noexcept;
    Registration& operator=(Registration&&) noexcept;
    ~Registration();

    void cancel() noexcept;
    explicit operator bool() const noexcept;

private:
    std::shared_ptr<Impl> impl_;
};

/// One thread's worth of events: sockets, timers, descriptors and work posted from other threads.
///
/// Everything registered with a loop is called on the thread that is in `run`, one callback at a
/// time, so what belongs to one loop needs no locks. Callbacks must not block.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs callbacks until `stop`. One thread at a time.
    void run();
    /// From any thread.
    void stop();

    /// Runs `work` soon, on the loop's thread. From any thread.
    void post(std::move_only_function<void()> work);

    /// Runs `work` at once when called on the loop's thread, else as `post` does.
    void dispatch(std::move_only_function<void()> work);

    /// Runs `work` once after `delay`. From the loop's thread.
    [[nodiscard]] Registration after(std::chrono::milliseconds delay,
                                     std::move_only_function<void()> work);

    /// Runs `work` each time that `fd` is readable; the caller keeps `fd` open until the
    /// registration is gone, and reads from it in `work`. From the loop's thread.
    [[nodiscard]] Registration when_readable(int fd, std::function<void()> work);

    /// May the calling thread touch what belongs to the loop? The thread that is in `run` may;
    /// while none is, before and after, whoever sets things up or takes them down.
    bool is_owned_by_this_thread() const noexcept;

    /// For the rooms that own sockets.
    boost::asio::io_context& context() noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::net
