#pragma once

#include "deploy/bucket.h"

#include <optional>
#include <string>

/// The lock of a deployment as an object in the bucket.
namespace nimbus::deploy {

/// How long a holder may be at work after it last wrote its lock.
inline constexpr std::chrono::seconds usual_lease{20};

std::string lock_key(const DeploymentId& deployment);

/// What the holder writes: all that does not come from the object itself.
std::string lock_text(const LockInfo& lock);
/// Reads what this version and earlier ones wrote. A text that is no lock has `damage`.
LockInfo parse_lock(const std::string& text);

/// When the lease of a lock that the store took at `written` is over, by the store's clock.
SystemTime end_of_lease(const LockInfo& lock, SystemTime written);
/// Did the lease run out? `lock.ends` and `now` are times of the store's clock, and so it does not
/// matter whose clock is wrong.
bool lease_is_over(const LockInfo& lock, SystemTime now);

/// What stands in the place of a lock that is taken from its holder. It has another id: the
/// versions that know no revocation take the lock for lost, too.
LockInfo revocation_of(const LockInfo& lock);

/// Nothing when there is no lock.
std::optional<LockInfo> find_lock(Bucket& bucket, const DeploymentId& deployment);

/// "its lease has expired", "its process has ended": why it may be taken over; empty: it may not.
std::string reason_to_take_over(const LockInfo& lock);

/// "ann@home (process 7), for 'deploy', since 2026-11-29T12:00:00Z"; of a holder that nothing is
/// known of, its name alone.
std::string describe(const LockInfo& lock);

/// "nimbus unlock --project shop --region us-east-1 --stage dev"
std::string unlock_command(const DeploymentId& deployment);

} // namespace nimbus::deploy
