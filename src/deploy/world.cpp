#include "deploy/world.h"

#include <algorithm>
#include <thread>

namespace nimbus::deploy {
namespace {

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{2'000};
constexpr std::chrono::seconds slow_after{5};

std::string tag(const aws::Tags& tags, std::string_view name)
{
    const auto found = tags.find(std::string(name));
    return found == tags.end() ? std::string() : found->second;
}

} // namespace

World::World(const Kinds& kinds, const Target& target, DeploymentId deployment, Status& status,
             std::function<bool()> interrupted)
    : kinds_(kinds), target_(target), deployment_(std::move(deployment)), status_(status),
      interrupted_(std::move(interrupted)),
      client_(target.client
                  .checked_by([this](const aws::OperationInfo& operation) {
                      if (operation.is_change())
                          check_fence();
                  })
                  .heard_by([this](const aws::OperationInfo& operation) {
                      tell_of_throttling(operation.service.name);
                  })),
      crash_point_(CrashPoint::from_environment())
{
}

void World::tell_of_throttling(std::string_view service)
{
    {
        const MutexLock lock(mutex_);
        if (!throttling_services_.insert(std::string(service)).second)
            return;
    }
    status_.note(std::string(service) +
                 " takes no more calls just now (throttling): going on more slowly");
}

bool World::owns(const aws::Tags& tags) const
{
    return tag(tags, project_tag) == deployment_.project &&
           tag(tags, stage_tag) == deployment_.stage;
}

void World::wait(const std::string& what, std::chrono::seconds limit,
                 const std::function<bool()>& done)
{
    Patience patience(*this);
    while (!done()) {
        if (patience.waited() > limit)
            throw Error("Gave up waiting for " + what + " after " + std::to_string(limit.count()) +
                            " s",
                        "Run the command again: it continues from here.");
        patience.pause(what);
    }
}

void World::Patience::pause(const std::string& what)
{
    if (world_.interrupted())
        throw Interrupted("Interrupted while waiting for " + what);
    const auto so_far = waited();
    if (!told_ && so_far > slow_after) {
        told_ = true;
        world_.status().note("Still waiting for " + what);
    }
    // A third of the time so far: soon enough for what is quick, seldom enough for what is not.
    std::this_thread::sleep_for(
        std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(so_far) / 3, first_pause,
                   longest_pause));
}

} // namespace nimbus::deploy
