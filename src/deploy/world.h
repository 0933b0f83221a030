#pragma once

#include "aws/client.h"
#include "aws/passing_refusals.h"
#include "base/mutex.h"
#include "deploy/crash_point.h"
#include "deploy/deploy.h"
#include "deploy/polls.h"
#include "deploy/status.h"

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace nimbus::deploy {

/// What has to hold whenever a change is sent.
class Fence {
public:
    virtual ~Fence() = default;
    /// Throws when no change may be sent now. From any thread.
    virtual void check() = 0;
};

/// What a deploy works on, AWS and databases, and what every step needs to know about it. All
/// changes to the world pass through here, and are sent only if the fence, where there is one, lets
/// them. Threads share it; the references outlive it.
class World {
public:
    /// Something that AWS takes its time for.
    struct Awaited {
        std::string what;                ///< for people: "cluster abc… to become active"
        std::string_view kind;           ///< those of one kind take about as long
        std::chrono::milliseconds usual; ///< on AWS, at least; the local cloud is quick
        std::chrono::seconds limit;
        bool has_begun = false; ///< it is known that it is not done yet
    };

    /// `interrupted` may be empty.
    World(const Kinds& kinds, const Target& target, DeploymentId deployment, Status& status,
          std::function<bool()> interrupted = {});
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    const Kinds& kinds() const noexcept { return kinds_; }
    const Target& target() const noexcept { return target_; }
    const DeploymentId& deployment() const noexcept { return deployment_; }
    Status& status() const noexcept { return status_; }
    /// Did the person ask to stop?
    bool interrupted() const { return interrupted_ && interrupted_(); }

    /// Asks `fence`, until it is set to null, right before each change is sent. While no other
    /// thread uses this.
    void guard(Fence* fence) noexcept { fence_ = fence; }

    /// As aws::Client::call and find. Changes are tried again while AWS refuses them for the
    /// reasons in aws/passing_refusals.h.
    template <class Operation>
    typename Operation::Response call(const Operation& operation)
    {
        return call_by(client_, operation);
    }
    /// The same past the fence, for the lock that the fence is about.
    template <class Operation>
    typename Operation::Response call_unfenced(const Operation& operation)
    {
        return call_by(target_.client, operation);
    }
    template <class Operation>
    std::optional<typename Operation::Response> find(const Operation& operation)
    {
        if constexpr (Operation::info.is_change())
            return until_it_passes(
                [&] { return crash_point_.around([&] { return client_.find(operation); }); });
        else
            return client_.find(operation);
    }
    template <class Operation, class Use>
    void for_each_page(const Operation& operation, Use use)
    {
        static_assert(!Operation::info.is_change());
        client_.for_each_page(operation, use);
    }

    /// Makes a change that is no call of AWS's, such as an SQL statement, and returns its result.
    template <class Change>
    auto change(Change&& change)
    {
        return crash_point_.around([&] {
            check_fence();
            return std::forward<Change>(change)();
        });
    }

    /// Do the tags say that the thing is this deployment's?
    bool owns(const aws::Tags& tags) const;
    /// "project/stage", as tags of shared things name an application.
    std::string owner() const { return deployment_.project + "/" + deployment_.stage; }

    /// Calls `done` until it says true; see Polls for when. Tells the status once when it takes
    /// long; throws Error when the limit is over or the person asked to stop.
    void wait(const Awaited& awaited, const std::function<bool()>& done);

private:
    /// One wait.
    class Patience {
    public:
        explicit Patience(const World& world) : world_(world) {}
        std::chrono::nanoseconds waited() const { return Deadline::SteadyClock::now() - start_; }
        /// Until it is time to look again. Throws Interrupted when the person asked to stop. Tells
        /// the status once when it takes long.
        void pause(Polls& polls, const std::string& what);
        Polls::Time last_look() const noexcept { return last_look_; }

    private:
        void check(const std::string& what);

        const World& world_;
        Deadline::SteadyClock::time_point start_ = Deadline::SteadyClock::now();
        Polls::Time last_look_{0};
        bool told_ = false;
    };

    template <class Operation>
    typename Operation::Response call_by(const aws::Client& client, const Operation& operation)
    {
        if constexpr (Operation::info.is_change())
            return until_it_passes(
                [&] { return crash_point_.around([&] { return client.call(operation); }); });
        else
            return client.call(operation);
    }
    template <class Send>
    auto until_it_passes(Send send) -> decltype(send())
    {
        Patience patience(*this);
        Polls* polls = nullptr;
        for (;;) {
            try {
                auto response = send();
                if (polls != nullptr)
                    polls->saw_done(patience.last_look());
                return response;
            } catch (const aws::ApiError& error) {
                const auto* refusal = aws::find_passing_refusal(error);
                if (refusal == nullptr || patience.waited() > refusal->limit)
                    throw;
                polls = &polls_of(refusal->until, usual_refusal);
                patience.pause(*polls, std::string(refusal->until));
            }
        }
    }
    Polls& polls_of(std::string_view kind, std::chrono::milliseconds usual);
    /// Once for each service.
    void tell_of_throttling(std::string_view service);
    void check_fence() const
    {
        if (fence_ != nullptr)
            fence_->check();
    }

    /// How long AWS refuses what it refuses for now, at least.
    static constexpr std::chrono::milliseconds usual_refusal{500};

    const Kinds& kinds_;
    const Target& target_;
    DeploymentId deployment_;
    Status& status_;
    std::function<bool()> interrupted_;
    Fence* fence_ = nullptr;
    aws::Client client_; ///< asks the fence
    Mutex mutex_;
    std::set<std::string> throttling_services_ NIMBUS_GUARDED_BY(mutex_);
    std::map<std::string_view, Polls> polls_ NIMBUS_GUARDED_BY(mutex_); ///< by kind of wait
    CrashPoint crash_point_;
};

inline constexpr std::string_view project_tag = "nimbus:project";
inline constexpr std::string_view stage_tag = "nimbus:stage";
inline constexpr std::string_view resource_tag = "nimbus:resource";

} // namespace nimbus::deploy
