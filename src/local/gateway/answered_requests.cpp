#include "local/gateway/answered_requests.h"

namespace nimbus::local {

void AnsweredRequests::add(std::string_view invocation_id, int status)
{
    const MutexLock lock(mutex_);
    if (requests_.size() == most)
        requests_.pop_front();
    requests_.push_back({.invocation_id = std::string(invocation_id), .status = status});
}

std::vector<AnsweredRequest> AnsweredRequests::list() const
{
    const MutexLock lock(mutex_);
    return {requests_.begin(), requests_.end()};
}

} // namespace nimbus::local
