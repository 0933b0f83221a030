#include "secret/cache.h"

#include <algorithm>
#include <nimbus/log.hpp>
#include <nimbus/secret_error.hpp>
#include <system_error>

namespace nimbus::detail {

namespace {

using std::chrono::milliseconds;

/// How long an old value stays in use behind its ttl when it cannot be renewed.
constexpr std::chrono::hours grace{1};
/// How long a caller waits for a new value when there is an old one to go on with.
constexpr std::chrono::seconds patience{2};
/// How long a renewal may take; nobody waits for it.
constexpr std::chrono::seconds longest_renewal{10};

milliseconds age_of(SystemTime fetched_at, SystemTime now)
{
    return std::chrono::duration_cast<milliseconds>(now - fetched_at);
}

/// After a failed attempt, before the next one.
milliseconds pause_after_failure(milliseconds ttl)
{
    return std::min<milliseconds>(ttl / 10, std::chrono::seconds{30});
}

} // namespace

SecretCache::SecretCache(Settings settings) : settings_(std::move(settings)) {}

SecretCache::~SecretCache()
{
    if (renewal_.joinable())
        renewal_.join();
}

std::shared_ptr<const SecretValue> SecretCache::get()
{
    if (auto value = value_at_hand())
        return value;
    return fetch_now();
}

void SecretCache::override_with(std::string value)
{
    const MutexLock lock(mutex_);
    override_ = std::make_shared<const SecretValue>(SecretValue{std::move(value)});
}

/// A clock that was set back makes a value look younger than nothing: such a value is not usable.
bool SecretCache::is_usable(milliseconds age) const
{
    return age >= milliseconds{0} && age < settings_.ttl + grace;
}

/// The value, unless it is the caller's turn to fetch one.
std::shared_ptr<const SecretValue> SecretCache::value_at_hand()
{
    const MutexLock lock(mutex_);
    if (override_)
        return override_;
    if (!entry_)
        return nullptr;
    const auto now = settings_.clock();
    const auto age = age_of(entry_->fetched_at, now);
    if (!is_usable(age))
        return nullptr;
    const bool may_try = now >= next_attempt_;
    if (age >= settings_.ttl && may_try)
        return nullptr;
    if (age >= settings_.ttl / 5 * 4 && may_try)
        start_renewal();
    return entry_->value;
}

std::shared_ptr<const SecretValue> SecretCache::fetch_now()
{
    const MutexLock fetching(fetching_);
    if (auto value = value_at_hand())
        return value;
    try {
        return fetch(deadline_of_caller());
    } catch (const secret_error& failure) {
        if (auto value = old_value_after(failure, settings_.invocation->request_id()))
            return value;
        throw;
    }
}

Deadline SecretCache::deadline_of_caller()
{
    const auto end = settings_.invocation->deadline();
    const MutexLock lock(mutex_);
    if (!entry_ || !is_usable(age_of(entry_->fetched_at, settings_.clock())))
        return end;
    return Deadline::after(std::min<milliseconds>(end.remaining(), patience));
}

std::shared_ptr<const SecretValue> SecretCache::fetch(const Deadline& deadline)
{
    const auto began = settings_.clock();
    auto value = std::make_shared<const SecretValue>(settings_.fetch(deadline));
    const MutexLock lock(mutex_);
    next_attempt_ = {};
    if (!entry_ || entry_->fetched_at <= began)
        entry_ = Entry{value, began};
    return value;
}

/// The value to go on with after a failure, which is logged; nothing when there is none.
std::shared_ptr<const SecretValue> SecretCache::old_value_after(const std::exception& failure,
                                                                const std::string& request_id)
{
    const MutexLock lock(mutex_);
    const auto now = settings_.clock();
    if (!entry_ || !is_usable(age_of(entry_->fetched_at, now)))
        return nullptr;
    next_attempt_ = now + pause_after_failure(settings_.ttl);
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(age_of(entry_->fetched_at, now));
    logger(request_id)
        .warn("a secret could not be renewed; its old value stays in use",
              {{"secret", name()}, {"ageSeconds", age.count()}, {"reason", failure.what()}});
    return entry_->value;
}

void SecretCache::start_renewal()
{
    if (renewing_)
        return;
    if (renewal_.joinable())
        renewal_.join(); // It has ended but for its last instructions, which take no lock.
    try {
        renewal_ = std::thread(
            [this, request_id = settings_.invocation->request_id()] { renew(request_id); });
        renewing_ = true;
    } catch (const std::system_error&) {
        // No thread to be had: a caller will fetch the value when it is too old.
    }
}

void SecretCache::renew(const std::string& request_id)
{
    try {
        fetch(Deadline::after(longest_renewal));
    } catch (const std::exception& failure) {
        old_value_after(failure, request_id);
    }
    const MutexLock lock(mutex_);
    renewing_ = false;
}

} // namespace nimbus::detail
