#include "deploy/world.h"

#include <algorithm>
#include <thread>

namespace nimbus::deploy {
namespace {

constexpr std::chrono::milliseconds usual_locally{20};
constexpr std::chrono::milliseconds longest_sleep{100};
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

Polls& World::polls_of(std::string_view kind, std::chrono::milliseconds usual)
{
    const bool is_local = target_.name == "local";
    const MutexLock lock(mutex_);
    return polls_.try_emplace(kind, is_local ? usual_locally : usual).first->second;
}

void World::wait(const Awaited& awaited, const std::function<bool()>& done)
{
    if (!awaited.has_begun && done())
        return;
    auto& polls = polls_of(awaited.kind, awaited.usual);
    Patience patience(*this);
    do {
        if (patience.waited() > awaited.limit)
            throw Error("Gave up waiting for " + awaited.what + " after " +
                            std::to_string(awaited.limit.count()) + " s",
                        "Run the command again: it continues from here.");
        patience.pause(polls, awaited.what);
    } while (!done());
    polls.saw_done(patience.last_look());
}

void World::Patience::pause(Polls& polls, const std::string& what)
{
    for (;;) {
        check(what);
        const auto so_far = waited();
        const auto pause = polls.pause(so_far, last_look_);
        if (pause == Polls::Time(0)) {
            last_look_ = so_far;
            return;
        }
        // What others learn meanwhile may bring the look forward.
        std::this_thread::sleep_for(std::min<Polls::Time>(pause, longest_sleep));
    }
}

void World::Patience::check(const std::string& what)
{
    if (world_.interrupted())
        throw Interrupted("Interrupted while waiting for " + what);
    if (!told_ && waited() > slow_after) {
        told_ = true;
        world_.status().note("Still waiting for " + what);
    }
}

} // namespace nimbus::deploy
