#include "net/event_loop.h"

#include "base/assert.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <thread>
#include <utility>

namespace nimbus::net {

namespace asio = boost::asio;

namespace {

/// Which thread a loop belongs to at the moment; outlives what is registered with the loop.
class Owner {
public:
    /// The calling thread has the loop to itself for as long as this lives.
    class Turn {
    public:
        explicit Turn(Owner& owner) : owner_(owner)
        {
            std::thread::id nobody;
            NIMBUS_ASSERT(
                owner_.thread_.compare_exchange_strong(nobody, std::this_thread::get_id()),
                "one thread at a time runs a loop");
        }
        ~Turn() { owner_.thread_ = std::thread::id(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Owner& owner_;
    };

    bool is_nobody() const noexcept { return thread_.load() == std::thread::id(); }

    /// Nobody's loop is everybody's.
    bool is_this_thread() const noexcept
    {
        const auto thread = thread_.load(std::memory_order_relaxed);
        return thread == std::this_thread::get_id() || thread == std::thread::id();
    }

private:
    std::atomic<std::thread::id> thread_; ///< none while nobody runs the loop
};

} // namespace

struct Registration::Impl {
    virtual ~Impl() = default;
    virtual void cancel() noexcept = 0;
};

Registration::Registration() = default;
Registration::Registration(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registration::Registration(Registration&&) noexcept = default;

Registration& Registration::operator=(Registration&& other) noexcept
{
    if (this != &other) {
        cancel();
        impl_ = std::move(other.impl_);
    }
    return *this;
}

Registration::~Registration()
{
    cancel();
}

void Registration::cancel() noexcept
{
    if (impl_)
        std::exchange(impl_, nullptr)->cancel();
}

Registration::operator bool() const noexcept
{
    return impl_ != nullptr;
}

namespace {

struct TimerRegistration : Registration::Impl, std::enable_shared_from_this<TimerRegistration> {
    TimerRegistration(asio::io_context& context, std::shared_ptr<const Owner> whose,
                      std::move_only_function<void()> callback)
        : timer(context), owner(std::move(whose)), work(std::move(callback))
    {
    }

    void start(std::chrono::milliseconds delay)
    {
        timer.expires_after(delay);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (error || self->cancelled)
                return;
            NIMBUS_ASSERT(self->work != nullptr, "a timer goes off once");
            std::exchange(self->work, nullptr)();
        });
    }

    void cancel() noexcept override
    {
        NIMBUS_ASSERT(owner->is_this_thread(), "timers are cancelled on the loop's thread");
        cancelled = true;
        boost::system::error_code ignored;
        timer.cancel(ignored);
    }

    asio::steady_timer timer;
    std::shared_ptr<const Owner> owner;
    std::move_only_function<void()> work;
    bool cancelled = false;
};

struct ReadableRegistration : Registration::Impl,
                              std::enable_shared_from_this<ReadableRegistration> {
    ReadableRegistration(asio::io_context& context, std::shared_ptr<const Owner> whose, int fd,
                         std::function<void()> callback)
        : descriptor(context, fd), owner(std::move(whose)), work(std::move(callback))
    {
    }

    ~ReadableRegistration() override { descriptor.release(); }

    void wait()
    {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const boost::system::error_code& error) {
                                  if (error || self->cancelled)
                                      return;
                                  self->work();
                                  if (!self->cancelled)
                                      self->wait();
                              });
    }

    void cancel() noexcept override
    {
        NIMBUS_ASSERT(owner->is_this_thread(), "descriptors are let go on the loop's thread");
        cancelled = true;
        // The caller closes the descriptor next: nothing of it may stay in the reactor.
        descriptor.release();
    }

    asio::posix::stream_descriptor descriptor;
    std::shared_ptr<const Owner> owner;
    std::function<void()> work;
    bool cancelled = false;
};

} // namespace

struct EventLoop::Impl {
    std::shared_ptr<Owner> owner = std::make_shared<Owner>();
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard =
        asio::make_work_guard(context);
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop()
{
    NIMBUS_ASSERT(impl_->owner->is_nobody(), "a loop that runs is not destroyed");
}

void EventLoop::run()
{
    const Owner::Turn turn(*impl_->owner);
    impl_->context.run();
}

void EventLoop::stop()
{
    impl_->context.stop();
}

void EventLoop::post(std::move_only_function<void()> work)
{
    NIMBUS_ASSERT(work != nullptr, "there is work to post");
    asio::post(impl_->context, std::move(work));
}

void EventLoop::dispatch(std::move_only_function<void()> work)
{
    NIMBUS_ASSERT(work != nullptr, "there is work to dispatch");
    asio::dispatch(impl_->context, std::move(work));
}

Registration EventLoop::after(std::chrono::milliseconds delay, std::move_only_function<void()> work)
{
    NIMBUS_ASSERT(is_owned_by_this_thread(), "timers are set on the loop's thread");
    NIMBUS_ASSERT(work != nullptr, "a timer has work");
    auto timer = std::make_shared<TimerRegistration>(impl_->context, impl_->owner, std::move(work));
    timer->start(delay);
    return Registration(std::move(timer));
}

Registration EventLoop::when_readable(int fd, std::function<void()> work)
{
    NIMBUS_ASSERT(is_owned_by_this_thread(), "descriptors are watched on the loop's thread");
    NIMBUS_ASSERT(fd >= 0 && work != nullptr, "there is a descriptor, and work for it");
    auto readable =
        std::make_shared<ReadableRegistration>(impl_->context, impl_->owner, fd, std::move(work));
    readable->wait();
    return Registration(std::move(readable));
}

bool EventLoop::is_owned_by_this_thread() const noexcept
{
    return impl_->owner->is_this_thread();
}

asio::io_context& EventLoop::context() noexcept
{
    return impl_->context;
}

} // namespace nimbus::net
