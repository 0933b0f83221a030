#include "deploy/lock_object.h"

#include "base/described.h"
#include "base/random.h"

#include <boost/describe/class.hpp>

namespace nimbus::process {
BOOST_DESCRIBE_STRUCT(ProcessIdentity, (), (boot_id, pid_namespace, pid, start_time))
} // namespace nimbus::process

namespace nimbus::deploy {
namespace {

/// How the lock stands in JSON.
struct Form {
    std::string id;
    std::string holder;
    std::string operation;
    std::string since;
    std::string expires;
    std::optional<int> lease_milliseconds; ///< versions before 0.2 do not write it
    std::optional<process::ProcessIdentity> process;
    std::optional<std::string> revokes; ///< these two: of a revocation
    std::optional<std::string> ends;
};
BOOST_DESCRIBE_STRUCT(Form, (),
                      (id, holder, operation, since, expires, lease_milliseconds, process, revokes,
                       ends))

/// The lease of the versions that do not write it.
constexpr std::chrono::seconds earlier_lease{60};
/// Longer ones are taken for that, so that nobody waits for ever.
constexpr std::chrono::minutes longest_lease{10};
/// The store's times are whole seconds.
constexpr std::chrono::seconds rounding{2};
/// AWS takes no request from a clock that is further off.
constexpr std::chrono::minutes clock_tolerance{5};

/// Longer ones no Nimbus wrote, and no terminal should be filled with.
constexpr std::size_t longest_text = 1'000;

SystemTime time_from(const std::string& text, const std::string& name)
{
    const auto time = parse_iso8601(text);
    if (!time)
        throw Error("its member '" + name + "' is not a time");
    return *time;
}

LockInfo read_form(const std::string& text)
{
    const auto form = described::from_json<Form>(parse_json(text, "the lock"), "the lock");
    if (form.id.empty() || form.holder.empty())
        throw Error("it does not say who holds it");
    if (form.holder.size() > longest_text || form.operation.size() > longest_text)
        throw Error("it says more than " + std::to_string(longest_text) +
                    " bytes of who holds it, and for what");
    const std::chrono::milliseconds lease =
        form.lease_milliseconds ? std::chrono::milliseconds(*form.lease_milliseconds)
                                : earlier_lease;
    LockInfo lock{.id = form.id,
                  .holder = form.holder,
                  .operation = form.operation,
                  .since = time_from(form.since, "since"),
                  .expires = time_from(form.expires, "expires"),
                  .lease = lease,
                  .process = form.process};
    if (form.revokes) {
        lock.revokes = *form.revokes;
        lock.ends = time_from(form.ends.value_or(""), "ends");
    }
    return lock;
}

} // namespace

std::string lock_key(const DeploymentId& deployment)
{
    return object_key(deployment, "lock.json");
}

std::string lock_text(const LockInfo& lock)
{
    Form form{.id = lock.id,
              .holder = lock.holder,
              .operation = lock.operation,
              .since = format_iso8601_milliseconds(lock.since),
              .expires = format_iso8601_milliseconds(lock.expires),
              .lease_milliseconds = static_cast<int>(lock.lease.count()),
              .process = lock.process};
    if (!lock.revokes.empty()) {
        form.revokes = lock.revokes;
        form.ends = format_iso8601_milliseconds(lock.ends);
    }
    return pretty_json(described::to_json(form));
}

LockInfo parse_lock(const std::string& text)
{
    LockInfo lock;
    try {
        lock = read_form(text);
        if (lock.process)
            lock.holder_ended = process::has_ended(*lock.process);
    } catch (const Error& error) {
        lock.damage = error.what();
    }
    lock.text = text;
    return lock;
}

SystemTime end_of_lease(const LockInfo& lock, SystemTime written)
{
    if (!lock.damage.empty())
        return written + usual_lease + rounding; // it may stand where a lock was
    const auto lease = std::min<std::chrono::milliseconds>(lock.lease, longest_lease);
    return std::min<SystemTime>(written + lease + rounding, lock.expires + clock_tolerance);
}

bool lease_is_over(const LockInfo& lock, SystemTime now)
{
    return now > lock.ends;
}

LockInfo revocation_of(const LockInfo& lock)
{
    auto revocation = lock;
    revocation.id = random_uuid();
    revocation.revokes = lock.id;
    if (!lock.damage.empty()) {
        revocation.holder = "somebody whose lock could not be read";
        revocation.revokes = "unknown";
        revocation.since = system_now();
        revocation.expires = lock.ends;
        revocation.lease = usual_lease;
        revocation.damage.clear();
    }
    return revocation;
}

std::optional<LockInfo> find_lock(Bucket& bucket, const DeploymentId& deployment)
{
    const auto key = lock_key(deployment);
    const auto object = bucket.get(key);
    if (!object)
        return {};
    auto lock = parse_lock(object->body);
    lock.location = bucket.location(key);
    lock.etag = object->etag;
    // The lock that a revocation took away was written before it.
    const auto end = end_of_lease(lock, object->written);
    lock.ends = lock.revokes.empty() ? end : std::min(lock.ends, end);
    lock.stale = lease_is_over(lock, object->now);
    return lock;
}

std::string reason_to_take_over(const LockInfo& lock)
{
    if (!lock.damage.empty())
        return {};
    if (lock.holder_ended)
        return "its process has ended";
    return lock.stale ? "its lease has expired" : "";
}

std::string describe(const LockInfo& lock)
{
    if (lock.operation.empty())
        return lock.holder;
    return lock.holder + ", for '" + lock.operation + "', since " +
           format_iso8601_seconds(lock.since);
}

std::string unlock_command(const DeploymentId& id)
{
    return "nimbus unlock --project " + id.project + " --region " + id.region + " --stage " +
           id.stage;
}

} // namespace nimbus::deploy
