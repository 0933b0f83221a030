#include "aws/credentials.h"

#include "base/mutex.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace nimbus::aws {
namespace {

constexpr std::chrono::minutes renewal_margin{5};
/// Between two attempts to renew what is still good.
constexpr std::chrono::minutes renewal_pause{1};

class Cache {
public:
    Cache(CredentialSource source, Clock clock)
        : source_(std::move(source)), clock_(std::move(clock))
    {
    }

    /// One thread asks the source, the others wait for its answer.
    Credentials get()
    {
        const MutexLock lock(mutex_);
        const SystemTime now = clock_();
        if (current_ && now < renew_at_)
            return *current_;
        try {
            current_ = source_();
        } catch (const std::exception&) {
            if (!current_ || now >= *current_->expires)
                throw;
        }
        renew_at_ = current_->expires
                        ? std::min(*current_->expires, std::max(*current_->expires - renewal_margin,
                                                                now + renewal_pause))
                        : SystemTime::max();
        return *current_;
    }

    void discard(const Credentials& expired)
    {
        const MutexLock lock(mutex_);
        if (current_ && current_->keys.access_key_id == expired.keys.access_key_id)
            current_.reset();
    }

private:
    const CredentialSource source_;
    const Clock clock_;
    Mutex mutex_;
    std::optional<Credentials> current_ NIMBUS_GUARDED_BY(mutex_);
    SystemTime renew_at_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace

CredentialSource fixed_credentials(sigv4::Credentials keys, std::string origin)
{
    return {[credentials = Credentials{.keys = std::move(keys), .origin = std::move(origin)}] {
        return credentials;
    }};
}

CredentialSource cached(CredentialSource source, Clock clock)
{
    const auto cache = std::make_shared<Cache>(std::move(source), std::move(clock));
    return {[cache] { return cache->get(); },
            [cache](const Credentials& expired) { cache->discard(expired); }};
}

} // namespace nimbus::aws
