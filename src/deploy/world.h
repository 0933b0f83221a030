#pragma once

#include "aws/client.h"
#include "deploy/crash_point.h"
#include "deploy/deploy.h"
#include "deploy/status.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace nimbus::deploy {

/// What a deploy works on, AWS and databases, and what every step needs to know about it. All
/// changes to the world pass through here. Threads share it; the references outlive it.
class World {
public:
    /// `interrupted` may be empty.
    World(const Kinds& kinds, const Target& target, DeploymentId deployment, Status& status,
          std::function<bool()> interrupted = {});

    const Kinds& kinds() const noexcept { return kinds_; }
    const Target& target() const noexcept { return target_; }
    const DeploymentId& deployment() const noexcept { return deployment_; }
    Status& status() const noexcept { return status_; }
    /// Did the person ask to stop?
    bool interrupted() const { return interrupted_ && interrupted_(); }

    /// As aws::Client::call and find.
    template <class Operation>
    typename Operation::Response call(const Operation& operation)
    {
        if constexpr (Operation::info.is_change())
            return crash_point_.around([&] { return target_.client.call(operation); });
        else
            return target_.client.call(operation);
    }
    template <class Operation>
    std::optional<typename Operation::Response> find(const Operation& operation)
    {
        if constexpr (Operation::info.is_change())
            return crash_point_.around([&] { return target_.client.find(operation); });
        else
            return target_.client.find(operation);
    }
    template <class Operation, class Use>
    void for_each_page(const Operation& operation, Use use)
    {
        static_assert(!Operation::info.is_change());
        target_.client.for_each_page(operation, use);
    }

    /// Makes a change that is no call of AWS's, such as an SQL statement, and returns its result.
    template <class Change>
    auto change(Change&& change)
    {
        return crash_point_.around(std::forward<Change>(change));
    }

    /// Do the tags say that the thing is this deployment's?
    bool owns(const aws::Tags& tags) const;
    /// "project/stage", as tags of shared things name an application.
    std::string owner() const { return deployment_.project + "/" + deployment_.stage; }

    /// Calls `done` until it says true, at growing intervals from 20 ms to 2 s. Tells the status
    /// once when it takes long; throws Error when `limit` is over or the person asked to stop.
    /// `what`: "cluster abc… to become active".
    void wait(const std::string& what, std::chrono::seconds limit,
              const std::function<bool()>& done);

private:
    const Kinds& kinds_;
    const Target& target_;
    DeploymentId deployment_;
    Status& status_;
    std::function<bool()> interrupted_;
    CrashPoint crash_point_;
};

inline constexpr std::string_view project_tag = "nimbus:project";
inline constexpr std::string_view stage_tag = "nimbus:stage";
inline constexpr std::string_view resource_tag = "nimbus:resource";

} // namespace nimbus::deploy
