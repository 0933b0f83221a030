#include "base/assert.h"
#include "base/error.h"
#include "base/file.h"
#include "local/instances/pool.h"

#include <algorithm>

namespace nimbus::local {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = InvocationResult::Kind;

namespace {

/// Of instances that start at a time, at least: as many as a small machine has processors. Beyond,
/// as many as there are already, so that a burst of quick requests does not start one for each.
constexpr std::size_t min_starting = 2;
/// How long a start is taken to keep a processor busy.
constexpr milliseconds quick_start{250};
/// A function without any instance takes the place of another's after this long.
constexpr milliseconds patience_without_instance{1'000};
/// Of a fleet that is prepared, before others have theirs.
constexpr milliseconds turn{20};

} // namespace

/// What the worker does before the first instance of a fleet starts. It takes turns with that of
/// other fleets, as long as there is code to unpack: nobody waits for all of another's code.
struct Pool::Preparation {
    std::weak_ptr<Pool> pool;
    Fleet* fleet; ///< stays while it is preparing
    std::shared_ptr<const CodeCache::Code> code;
    std::shared_ptr<const Function> function;
    const Runtime& runtime;
    std::filesystem::path runtimes_directory;
    std::chrono::seconds credentials_lifetime;
    net::EventLoop& loop;
    AccessControl& access;
    AccessKey credentials{};

    /// False when its turn has ended before all was done.
    bool go_on()
    {
        const auto until = steady_clock::now() + turn;
        install_runtime(runtime, runtimes_directory);
        while (code->unpack(function->code_zip))
            if (steady_clock::now() >= until)
                return false;
        credentials = access.assume_role_for_service(function->role_arn, "lambda.amazonaws.com",
                                                     function->name, credentials_lifetime);
        return true;
    }
};

void Pool::prepare(Fleet& fleet)
{
    NIMBUS_ASSERT(!fleet.is_preparing && !stopped_, "a fleet is prepared by one job at a time");
    fleet.is_preparing = true;
    continue_preparing(worker_, std::make_unique<Preparation>(Preparation{
                                    .pool = weak_from_this(),
                                    .fleet = &fleet,
                                    .code = fleet.code,
                                    .function = fleet.function,
                                    .runtime = *fleet.runtime,
                                    .runtimes_directory = runtimes_directory_,
                                    .credentials_lifetime = options_.credentials_lifetime,
                                    .loop = loop_,
                                    .access = access_}));
}

void Pool::continue_preparing(net::WorkerPool& worker, std::unique_ptr<Preparation> work)
{
    worker.post([&worker, work = std::move(work)] mutable {
        if (work->pool.expired())
            return;
        std::string failure;
        try {
            if (!work->go_on())
                return continue_preparing(worker, std::move(work));
        } catch (const Error& error) {
            failure = sentences_of(error);
        } catch (const std::exception& error) {
            failure = "The function cannot be prepared: " + std::string(error.what());
        }
        auto& loop = work->loop;
        loop.post([pool = work->pool, fleet = work->fleet,
                   credentials = std::move(work->credentials), failure] {
            if (const auto self = pool.lock())
                self->prepared(*fleet, credentials, failure);
        });
    });
}

std::filesystem::path Pool::own_directory(const std::filesystem::path& path)
{
    make_directories(path, 0700);
    return path;
}

void Pool::prepared(Fleet& fleet, AccessKey credentials, const std::string& failure)
{
    NIMBUS_ASSERT(is_on_loop() && fleet.is_preparing, "the loop hears once that a fleet is ready");
    fleet.is_preparing = false;
    if (stopped_)
        return;
    if (!failure.empty()) {
        cloud_log_.error("A function cannot be prepared",
                         {{"function", fleet.function->name}, {"reason", failure}});
        answer_all(fleet, failure);
        return collect_unused();
    }
    const auto now = steady_clock::now();
    fleet.credentials = std::move(credentials);
    const milliseconds lifetime = options_.credentials_lifetime;
    fleet.fresh_until = now + lifetime * 3 / 4;
    fleet.usable_until = now + lifetime * 7 / 8;
    grow(fleet);
}

/// How long a request waits for one of the instances before it gets one of its own.
milliseconds Pool::patience_with(const Fleet& fleet) const
{
    if (fleet.instances.empty())
        return milliseconds(0);
    return fleet.instances.size() < options_.crowd ? options_.growth_delay
                                                   : options_.growth_delay_in_a_crowd;
}

/// Starts instances for requests that have waited long enough, as far as there is room.
void Pool::grow(Fleet& fleet)
{
    if (fleet.waiting.empty() || fleet.is_preparing)
        return;
    heed_debugging(fleet);
    const auto now = steady_clock::now();
    serve_waiting(fleet, now);
    if (fleet.waiting.empty() || !fleet.idle.empty())
        return;
    const auto patience = patience_with(fleet);
    const auto first = fleet.waiting.front().arrival;
    const auto until = time_to_wait(fleet, patience, now).value_or(first + patience);
    if (until > now)
        return alarm_.wake_by(until);

    NIMBUS_ASSERT(fleet.starting <= fleet.instances.size(), "what starts is an instance");
    // What takes long to start waits for something, and takes no processor from others.
    const auto recent =
        static_cast<std::size_t>(std::ranges::count_if(fleet.instances, [&](const auto& each) {
            return each->starting_since(now - quick_start);
        }));
    const auto may_start =
        fleet.starting - recent + std::max(min_starting, fleet.instances.size() - fleet.starting);
    if (recent > 0)
        alarm_.wake_by(now + quick_start);
    std::size_t wanted = 0;
    while (wanted < std::min(may_start, fleet.waiting.size()) &&
           fleet.waiting[wanted].arrival + patience <= now)
        ++wanted;
    // Those that have answered are about to ask for the next.
    const auto returning = static_cast<std::size_t>(std::ranges::count_if(
        fleet.instances, [&](const auto& each) { return each->returning(now); }));
    if (returning > 0)
        alarm_.wake_by(now + patience);
    wanted -= std::min(wanted, returning);
    while (fleet.starting < std::min(wanted, fleet.waiting.size()) && make_room(fleet)) {
        if (now >= fleet.fresh_until)
            return prepare(fleet);
        spawn(fleet);
    }
}

std::size_t Pool::most_instances(const Fleet& fleet) const
{
    return options_.max_instances + (fleet.instances.empty() ? options_.max_first_instances : 0);
}

bool Pool::make_room(const Fleet& fleet)
{
    if (fleet.debug && (!fleet.instances.empty() || !free_inspector(fleet)))
        return false;
    if (fleet.instances.size() >= options_.max_instances_per_function)
        return false;
    if (running_ != most_instances(fleet))
        return running_ < most_instances(fleet); // one that ends is not enough where there are more
    Instance* oldest = nullptr;
    for (const auto& [key, other] : fleets_)
        if (!other->idle.empty() &&
            (oldest == nullptr || other->idle.front()->idle_since() < oldest->idle_since()))
            oldest = other->idle.front();
    if (oldest == nullptr)
        return false;
    oldest->end();
    return true;
}

/// Only one process at a time has the inspector's port: another function's makes way as soon as it
/// is idle.
bool Pool::free_inspector(const Fleet& fleet)
{
    if (fleet.debug->is_native())
        return true;
    bool is_free = true;
    for (const auto& [key, other] : fleets_) {
        const bool has_it = std::ranges::any_of(
            other->instances, [&](const auto& each) { return each->debug() == fleet.debug; });
        is_free = is_free && !has_it && !(other->debug == fleet.debug && other->ending > 0);
        if (has_it && !other->idle.empty())
            other->idle.front()->end();
    }
    return is_free;
}

void Pool::spawn(Fleet& fleet)
{
    NIMBUS_ASSERT(running_ < most_instances(fleet) &&
                      fleet.instances.size() < options_.max_instances_per_function,
                  "an instance is started when there is room");
    std::unique_ptr<Instance> instance;
    try {
        if (options_.sandbox)
            options_.sandbox->refresh();
        instance = std::make_unique<Instance>(InstanceParts{
            .fleet = fleet,
            .owner = *this,
            .loop = loop_,
            .log = log_,
            .cloud_log = cloud_log_,
            .ids = ids_,
            .environment = options_.environment,
            .runtime = *fleet.runtime,
            .runtimes_directory = runtimes_directory_,
            .sandbox = fleet.debug ? nullptr : options_.sandbox.get(),
            .hosts_file = options_.hosts_file ? options_.hosts_file() : std::filesystem::path(),
            .function = fleet.function,
            .code = fleet.code,
            .credentials = fleet.credentials,
            .start_limit = options_.start_limit,
            .usable_until = fleet.usable_until,
            .debugging = *options_.debugging,
            .debug = fleet.debug});
    } catch (const Error& error) {
        cloud_log_.error("An instance cannot be made",
                         {{"function", fleet.function->name}, {"reason", error.what()}});
        return answer_all(fleet, error.what());
    }
    if (!instance->start())
        return instance_failed_to_start(*instance);
    if (fleet.late > 0 && !fleet.waiting.empty()) {
        --fleet.late;
        instance->initialize_at(std::move(fleet.waiting.front()),
                                detail_for(*instance, steady_clock::now()));
        fleet.waiting.pop_front();
    }
    if (instance->starting())
        ++fleet.starting;
    fleet.instances.push_back(std::move(instance));
    ++running_;
    alarm_.wake_by(steady_clock::now() + memory_interval);
}

/// Where all room is taken, a function that has nothing at all gets the next instance's place.
bool Pool::must_make_way(const Fleet& fleet, SteadyTime now) const
{
    if (running_ < options_.max_instances)
        return false;
    return std::ranges::any_of(fleets_, [&](const auto& entry) {
        const Fleet& other = *entry.second;
        return !other.waiting.empty() && other.instances.empty() && !other.is_preparing &&
               (fleet.instances.size() > 1 ||
                now - other.waiting.front().arrival > patience_without_instance);
    });
}

/// After room was made: those that need the inspector, then those without any instance first.
void Pool::grow_others()
{
    for (const auto& [key, fleet] : fleets_)
        if (fleet->debug)
            grow(*fleet);
    if (running_ + 1 < options_.max_instances)
        return;
    for (const bool has_instances : {false, true})
        for (const auto& [key, fleet] : fleets_)
            if (fleet->instances.empty() != has_instances)
                grow(*fleet);
}

} // namespace nimbus::local
