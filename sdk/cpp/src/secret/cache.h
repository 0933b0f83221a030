#pragma once

#include "base/mutex.h"
#include "base/time.h"
#include "core/invocation.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace nimbus::detail {

struct SecretValue {
    std::string bytes;
    bool is_text = true; ///< as it was stored: SecretString or SecretBinary
};

/// Gets a value, by the deadline or not at all. Throws secret_error. Called by the thread that asks
/// for the value and by the cache's own, but by one at a time for the first value.
using FetchSecret = std::function<SecretValue(const Deadline&)>;

/// The value of one secret, and its renewal. Any thread may use it.
///
/// Ages are counted by the clock of the system and from the moment that a fetch began. Lambda
/// freezes an instance between invocations, in the middle of a renewal too: the system's clock goes
/// on meanwhile, and what such a renewal brings when it thaws is as old as it is. Nobody waits for
/// a renewal; a caller whose value has become too old fetches one itself.
class SecretCache {
public:
    struct Settings {
        std::string name;
        std::chrono::milliseconds ttl;
        FetchSecret fetch;
        /// How long a caller waits, and what log lines name.
        std::shared_ptr<const CurrentInvocation> invocation;
        Clock clock = system_now;
    };

    explicit SecretCache(Settings settings);
    SecretCache(const SecretCache&) = delete;
    SecretCache& operator=(const SecretCache&) = delete;
    /// Waits for the end of a renewal.
    ~SecretCache();

    const std::string& name() const noexcept { return settings_.name; }

    std::shared_ptr<const SecretValue> get();
    /// From now on the value is this one.
    void override_with(std::string value);

private:
    struct Entry {
        std::shared_ptr<const SecretValue> value;
        SystemTime fetched_at;
    };

    std::shared_ptr<const SecretValue> value_at_hand() NIMBUS_EXCLUDES(mutex_);
    std::shared_ptr<const SecretValue> fetch_now() NIMBUS_EXCLUDES(fetching_, mutex_);
    std::shared_ptr<const SecretValue> fetch(const Deadline& deadline) NIMBUS_EXCLUDES(mutex_);
    std::shared_ptr<const SecretValue> old_value_after(const std::exception& failure,
                                                       const std::string& request_id)
        NIMBUS_EXCLUDES(mutex_);
    void start_renewal() NIMBUS_REQUIRES(mutex_);
    void renew(const std::string& request_id) NIMBUS_EXCLUDES(mutex_);
    bool is_usable(std::chrono::milliseconds age) const;
    Deadline deadline_of_caller() NIMBUS_EXCLUDES(mutex_);

    const Settings settings_;
    Mutex fetching_; ///< held by the caller who fetches, while others wait for its result
    Mutex mutex_;    ///< taken after fetching_
    std::optional<Entry> entry_ NIMBUS_GUARDED_BY(mutex_);
    std::shared_ptr<const SecretValue> override_ NIMBUS_GUARDED_BY(mutex_);
    /// After a failure with an old value at hand.
    SystemTime next_attempt_ NIMBUS_GUARDED_BY(mutex_){};
    bool renewing_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread renewal_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::detail
