#include "deploy/kinds/timer/extras.h"

#include "aws/ops/scheduler/schedules.h"
#include "deploy/kinds/timer/group.h"
#include "deploy/kinds/timer/schedule.h"

#include <set>

namespace nimbus::deploy::timer {

namespace scheduler = aws::scheduler;

namespace {

/// None when there is no such group.
std::vector<std::string> schedule_names(World& world, const std::string& group_name)
{
    std::vector<std::string> names;
    try {
        world.for_each_page(scheduler::ListSchedules{.group_name = group_name},
                            [&](const scheduler::ListSchedules::Response& page) {
                                for (const auto& schedule : page.schedules)
                                    names.push_back(schedule.name);
                            });
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
    return names;
}

} // namespace

std::vector<Extra> extras(World& world, Reads&, const Present& present)
{
    std::set<std::string> own;
    for (const auto& schedule : present.of<ScheduleResource>())
        own.insert(schedule.outputs.schedule_name);
    std::vector<Extra> extras;
    for (const auto& group : present.of<Group>()) {
        const auto group_name = group.outputs.group_name;
        for (const auto& name : schedule_names(world, group_name))
            if (!own.contains(name))
                extras.push_back({.resource = key_of<Group>(group.name),
                                  .what = "the schedule " + name,
                                  .remove =
                                      [group_name, name](World& there) {
                                          there.find(scheduler::DeleteSchedule{
                                              .name = name, .group_name = group_name});
                                      },
                                  .is_lost_with_it = true});
    }
    return extras;
}

} // namespace nimbus::deploy::timer
