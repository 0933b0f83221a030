#include "core/invocation.h"

#include <algorithm>

namespace nimbus::detail {

namespace {

constexpr std::chrono::milliseconds time_to_answer{200};

} // namespace

std::chrono::milliseconds InvocationContext::remaining_time() const noexcept
{
    if (deadline == SystemTime::max())
        return std::chrono::hours{24};
    const auto now = std::chrono::system_clock::now();
    if (deadline <= now)
        return std::chrono::milliseconds{0};
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now);
}

void CurrentInvocation::begin(const InvocationContext& context)
{
    const MutexLock lock(mutex_);
    deadline_ = context.deadline;
    request_id_ = context.request_id;
}

Deadline CurrentInvocation::deadline() const
{
    const MutexLock lock(mutex_);
    if (deadline_ == SystemTime::max())
        return Deadline::after(std::chrono::minutes{5});
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline_ - std::chrono::system_clock::now());
    return Deadline::after(std::max(left - time_to_answer, left / 2));
}

std::string CurrentInvocation::request_id() const
{
    const MutexLock lock(mutex_);
    return request_id_;
}

} // namespace nimbus::detail
