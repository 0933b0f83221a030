#include "local/instances/instance_pool.h"

#include "base/assert.h"
#include "local/instances/pool.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace nimbus::local {

namespace asio = boost::asio;

InstancePool::InstancePool(InstancePoolOptions options, net::EventLoop& loop, AccessControl& access,
                           LogSink& log)
    : impl_(std::make_shared<Pool>(std::move(options), loop, access, log))
{
}

InstancePool::~InstancePool()
{
    impl_->stop();
}

void InstancePool::invoke(std::shared_ptr<const Function> function, std::string payload,
                          Caller caller, Done done)
{
    auto& context = impl_->context();
    if (context.get_executor().running_in_this_thread())
        return impl_->take(function, std::move(payload), std::move(caller), std::move(done));
    asio::post(context, [impl = impl_, function = std::move(function), payload = std::move(payload),
                         caller = std::move(caller), done = std::move(done)]() mutable {
        impl->take(function, std::move(payload), std::move(caller), std::move(done));
    });
}

void InstancePool::retire(const std::string& function_arn, const std::string& current_revision)
{
    asio::dispatch(impl_->context(), [weak = std::weak_ptr(impl_), function_arn, current_revision] {
        if (const auto impl = weak.lock())
            impl->retire(function_arn, current_revision);
    });
}

void InstancePool::stop()
{
    impl_->stop();
}

std::size_t InstancePool::instances() const noexcept
{
    NIMBUS_ASSERT(impl_->is_on_loop(), "instances are counted on the loop's thread");
    return impl_->running();
}

std::size_t InstancePool::idle_instances() const noexcept
{
    NIMBUS_ASSERT(impl_->is_on_loop(), "instances are counted on the loop's thread");
    return impl_->idle();
}

} // namespace nimbus::local
