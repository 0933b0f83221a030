#pragma once

#include "local/faults/fault_injector.h"
#include "local/instances/alarm.h"
#include "local/instances/fleet.h"
#include "local/instances/instance_pool.h"
#include "net/worker_pool.h"

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::local {

/// How often the memory of instances that run something is looked at.
inline constexpr std::chrono::milliseconds memory_interval{100};

/// By revision first: it tells most fleets apart at its first characters.
struct FleetOrder {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept
    {
        const int order = std::string_view(a.second).compare(b.second);
        return order != 0 ? order < 0 : std::string_view(a.first) < std::string_view(b.first);
    }
};

/// The inside of InstancePool: which request goes to which instance, and when another instance is
/// started or an idle one ended. Everything is on the loop's thread. `done` of a request is called
/// from the loop, never from within `take`.
class Pool final : public InstanceOwner, public std::enable_shared_from_this<Pool> {
public:
    Pool(InstancePoolOptions options, net::EventLoop& loop, AccessControl& access, LogSink& log)
        : options_(std::move(options)), cloud_log_(options_.log.of("instances")), loop_(loop),
          access_(access), log_(log),
          garbage_(own_directory(options_.code_directory) / CodeCache::garbage_name), worker_(1),
          codes_(options_.code_directory, worker_, garbage_, options_.max_idle_code),
          runtimes_directory_(std::filesystem::absolute(options_.code_directory) / "runtimes"),
          alarm_(loop, [this] { tick(); })
    {
    }

    boost::asio::io_context& context() noexcept { return loop_.context(); }

    void take(const std::shared_ptr<const Function>& function, std::string payload, Caller caller,
              Invoker::Done done);
    void retire(const std::string& function_arn, const std::string& current_revision);
    void stop();
    std::size_t running() const noexcept { return running_; }
    std::size_t idle() const noexcept;
    bool is_on_loop() const noexcept { return loop_.is_owned_by_this_thread(); }

private:
    struct Preparation;

    static std::filesystem::path own_directory(const std::filesystem::path& path);
    void instance_started(Instance& instance) override;
    void instance_waits(Instance& instance) override;
    void instance_left(Instance& instance) override;
    void instance_ending(Instance& instance) override;
    void instance_failed_to_start(Instance& instance) override;
    void instance_gone(Instance& instance) override;

    Fleet& fleet_of(const std::shared_ptr<const Function>& function);
    void heed_debugging(Fleet& fleet);
    bool strikes(Fault fault, const Invocation& invocation, const Function& function) const;
    bool give_to_idle(Fleet& fleet, Invocation& invocation);
    static InstanceLog::Detail detail_for(Instance& instance, SteadyTime now);
    bool is_worth_waiting(const Fleet& fleet, std::size_t ahead,
                          std::chrono::milliseconds limit) const;
    std::optional<SteadyTime> time_to_wait(Fleet& fleet, std::chrono::milliseconds limit,
                                           SteadyTime now) const;
    void serve_waiting(Fleet& fleet, SteadyTime now);
    bool give(Instance& instance, Invocation& invocation, SteadyTime now);
    void prepare(Fleet& fleet);
    static void continue_preparing(net::WorkerPool& worker, std::unique_ptr<Preparation> work);
    void prepared(Fleet& fleet, AccessKey credentials, const std::string& failure);
    std::chrono::milliseconds patience_with(const Fleet& fleet) const;
    void grow(Fleet& fleet);
    void spawn(Fleet& fleet);
    bool free_inspector(const Fleet& fleet);
    /// Of all functions, when this one wants another.
    std::size_t most_instances(const Fleet& fleet) const;
    bool make_room(const Fleet& fleet);
    bool must_make_way(const Fleet& fleet, SteadyTime now) const;
    void grow_others();
    void tick();
    void expire_waiting(Fleet& fleet, SteadyTime now);
    void end_idle(Fleet& fleet, SteadyTime now);
    void collect_unused();
    void answer_later(Invoker::Done done, InvocationResult result);
    /// The result of an invocation that no instance has taken.
    InvocationResult not_begun(const Invocation& invocation, const Function& function,
                               InvocationResult::Kind kind, std::string reason) const;
    void answer_all(Fleet& fleet, const std::string& why);

    InstancePoolOptions options_;
    Log cloud_log_;
    net::EventLoop& loop_;
    AccessControl& access_;
    LogSink& log_;
    Garbage garbage_;
    net::WorkerPool worker_;
    CodeCache codes_;
    std::filesystem::path runtimes_directory_; ///< beside the codes, whose names are digests
    IdSource ids_;
    /// By the function's ARN and revision.
    std::map<std::pair<std::string, std::string>, std::unique_ptr<Fleet>, FleetOrder> fleets_;
    std::vector<std::unique_ptr<Instance>> ending_;
    std::size_t running_ = 0; ///< instances of all fleets
    Alarm alarm_;
    SteadyTime memory_checked_{};
    bool stopped_ = false;
};

} // namespace nimbus::local
