#include "net/event_loop.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace nimbus::net {

namespace asio = boost::asio;

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
    TimerRegistration(asio::io_context& context, std::move_only_function<void()> callback)
        : timer(context), work(std::move(callback))
    {
    }

    void start(std::chrono::milliseconds delay)
    {
        timer.expires_after(delay);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error && !self->cancelled)
                std::exchange(self->work, nullptr)();
        });
    }

    void cancel() noexcept override
    {
        cancelled = true;
        boost::system::error_code ignored;
        timer.cancel(ignored);
    }

    asio::steady_timer timer;
    std::move_only_function<void()> work;
    bool cancelled = false;
};

struct ReadableRegistration : Registration::Impl,
                              std::enable_shared_from_this<ReadableRegistration> {
    ReadableRegistration(asio::io_context& context, int fd, std::function<void()> callback)
        : descriptor(context, fd), work(std::move(callback))
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
        cancelled = true;
        // The caller closes the descriptor next: nothing of it may stay in the reactor.
        descriptor.release();
    }

    asio::posix::stream_descriptor descriptor;
    std::function<void()> work;
    bool cancelled = false;
};

} // namespace

struct EventLoop::Impl {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard =
        asio::make_work_guard(context);
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run()
{
    impl_->context.run();
}

void EventLoop::stop()
{
    impl_->context.stop();
}

void EventLoop::post(std::move_only_function<void()> work)
{
    asio::post(impl_->context, std::move(work));
}

void EventLoop::dispatch(std::move_only_function<void()> work)
{
    asio::dispatch(impl_->context, std::move(work));
}

Registration EventLoop::after(std::chrono::milliseconds delay, std::move_only_function<void()> work)
{
    auto timer = std::make_shared<TimerRegistration>(impl_->context, std::move(work));
    timer->start(delay);
    return Registration(std::move(timer));
}

Registration EventLoop::when_readable(int fd, std::function<void()> work)
{
    auto readable = std::make_shared<ReadableRegistration>(impl_->context, fd, std::move(work));
    readable->wait();
    return Registration(std::move(readable));
}

asio::io_context& EventLoop::context() noexcept
{
    return impl_->context;
}

} // namespace nimbus::net
