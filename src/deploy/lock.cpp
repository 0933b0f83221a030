#include "deploy/lock.h"

#include "base/json.h"
#include "base/random.h"
#include "deploy/kind.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

std::string lock_key(const DeploymentId& deployment)
{
    return object_key(deployment, "lock.json");
}

SystemTime time_member(const json::object& object, std::string_view name)
{
    return parse_iso8601(string_or_empty(object, name)).value_or(SystemTime{});
}

} // namespace

std::optional<LockObject> read_lock_object(Bucket& bucket, const DeploymentId& deployment)
{
    const auto key = lock_key(deployment);
    const auto object = bucket.get(key);
    if (!object)
        return {};
    const auto document = parse_json(object->body, key);
    if (!document.is_object())
        throw Error("The lock " + key + " cannot be read: it is not a JSON object");
    const auto& lock = document.get_object();
    LockObject result{.info = {.holder = string_or_empty(lock, "holder"),
                               .operation = string_or_empty(lock, "operation"),
                               .since = time_member(lock, "since"),
                               .expires = time_member(lock, "expires")},
                      .id = string_or_empty(lock, "id"),
                      .etag = object->etag};
    result.info.stale = result.info.expires < system_now();
    return result;
}

Lock::Lock(World& world, Options options)
    : world_(world), bucket_(world), options_(std::move(options)),
      key_(lock_key(world.deployment())), id_(random_uuid()), since_(options_.clock())
{
    if (!try_acquire())
        wait_for_holder();
    renewer_ = std::thread([this] { renew_until_released(); });
}

Lock::~Lock()
{
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    released_.notify_one();
    renewer_.join();
    try {
        bucket_.remove(key_, etag_);
    } catch (const std::exception& error) {
        world_.status().note("The lock " + key_ + " was not removed: " + error.what());
    }
}

std::string Lock::text() const
{
    return pretty_json(json::object{{"id", id_},
                                    {"holder", options_.holder},
                                    {"operation", options_.operation},
                                    {"since", format_iso8601_milliseconds(since_)},
                                    {"expires", format_iso8601_milliseconds(expires_)}});
}

bool Lock::try_acquire()
{
    since_ = options_.clock();
    expires_ = since_ + options_.lease;
    if (auto etag = bucket_.put(key_, text(), {})) {
        etag_ = *etag;
        return true;
    }
    other_ = read_lock_object(bucket_, world_.deployment());
    // A write whose answer was lost is sent again, and meets itself.
    if (other_ && other_->id == id_) {
        etag_ = other_->etag;
        return true;
    }
    return false;
}

void Lock::wait_for_holder()
{
    const auto deadline = Deadline::after(options_.timeout);
    if (other_)
        world_.status().phase("Waiting for the lock of " + other_->info.holder);
    std::chrono::milliseconds pause{50};
    while (!deadline.reached()) {
        if (world_.interrupted())
            throw Interrupted("Interrupted while waiting for the lock; nothing was changed");
        std::this_thread::sleep_for(std::min(pause, deadline.remaining()));
        pause = std::min(pause * 2, std::chrono::milliseconds{1'000});
        other_ = read_lock_object(bucket_, world_.deployment());
        if (!other_ && try_acquire())
            return;
    }
    throw_held();
}

void Lock::throw_held() const
{
    const auto& id = world_.deployment();
    const auto what = "The lock of " + id.project + " (" + id.stage + ", " + id.region + ")";
    if (!other_)
        throw Error(what + " could not be acquired");
    throw Error(what + " is held by " + other_->info.holder + ", for '" + other_->info.operation +
                    "', since " + format_iso8601_seconds(other_->info.since),
                std::string(other_->info.stale
                                ? "Its lease has expired: that process seems to have ended. "
                                : "Wait until it ends. ") +
                    "If it ended without releasing the lock, remove it with 'nimbus unlock "
                    "--project " +
                    id.project + " --region " + id.region + " --stage " + id.stage + "'.");
}

void Lock::renew_until_released()
{
    MutexLock lock(mutex_);
    for (;;) {
        const auto next = Deadline::SteadyClock::now() + options_.lease / 3;
        while (!stopping_ && released_.wait_until(lock, next))
            continue;
        if (stopping_)
            return;
        lock.unlock();
        renew();
        lock.lock();
    }
}

void Lock::renew()
{
    const auto until = expires_;
    try {
        expires_ = options_.clock() + options_.lease;
        if (auto etag = bucket_.put(key_, text(), {etag_})) {
            etag_ = *etag;
            return;
        }
        const auto present = read_lock_object(bucket_, world_.deployment());
        if (present && present->id == id_)
            etag_ = present->etag;
        else
            lost_ = true;
    } catch (const std::exception& error) {
        // The next attempt may come in time.
        world_.status().note(std::string("The lock was not renewed: ") + error.what());
        expires_ = until;
        if (options_.clock() > until)
            lost_ = true;
    }
}

std::optional<LockInfo> read_lock(const Target& target, const DeploymentId& deployment)
{
    const Kinds none({});
    Status quiet;
    World world(none, target, deployment, quiet);
    Bucket bucket(world);
    const auto lock = read_lock_object(bucket, deployment);
    return lock ? std::optional(lock->info) : std::nullopt;
}

void remove_lock(const Target& target, const DeploymentId& deployment, const LockInfo& expected)
{
    const Kinds none({});
    Status quiet;
    World world(none, target, deployment, quiet);
    Bucket bucket(world);
    const auto lock = read_lock_object(bucket, deployment);
    if (!lock)
        return;
    const bool is_same = lock->info.holder == expected.holder &&
                         lock->info.operation == expected.operation &&
                         lock->info.since == expected.since;
    if (!is_same || !bucket.remove(lock_key(deployment), lock->etag))
        throw Error("The lock has changed hands: " + lock->info.holder + " holds it now",
                    "Run 'nimbus unlock' again to look at it.");
}

} // namespace nimbus::deploy
