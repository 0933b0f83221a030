#pragma once

#include "deploy/kinds/timer/declaration.h"
#include "deploy/kinds/timer/group.h"

namespace nimbus::deploy::timer {

struct ScheduleInputs {
    std::string group;
    std::string schedule;
    std::string timezone;
    std::string description;
    std::string state;       ///< ENABLED or DISABLED
    int flexible_window = 0; ///< minutes; 0: none
    std::string function;    ///< ARN
    std::string role;        ///< ARN
    std::string input;       ///< JSON text, which Scheduler fills in
};
BOOST_DESCRIBE_STRUCT(ScheduleInputs, (),
                      (group, schedule, timezone, description, state, flexible_window, function,
                       role, input))

struct ScheduleSettings {
    /// What the function could not be given within an hour is old news. Within it, as often as AWS
    /// tries at most.
    int maximum_retry_attempts = 185;
    int maximum_event_age = 3'600; ///< seconds
    std::string start_date;
    std::string end_date;
    std::string action_after_completion = "NONE";
    std::string dead_letter_queue; ///< ARN
    std::string kms_key;           ///< ARN
};
BOOST_DESCRIBE_STRUCT(ScheduleSettings, (),
                      (maximum_retry_attempts, maximum_event_age, start_date, end_date,
                       action_after_completion, dead_letter_queue, kms_key))

struct ScheduleOutputs {
    std::string schedule_name;
    std::string arn;
};
BOOST_DESCRIBE_STRUCT(ScheduleOutputs, (), (schedule_name, arn))

/// A schedule of EventBridge Scheduler that calls a function.
struct ScheduleResource {
    static constexpr std::string_view name = "schedule";
    using Inputs = ScheduleInputs;
    using Settings = ScheduleSettings;
    using Outputs = ScheduleOutputs;
    using Parent = Group;
    using Subject = SubjectOf<ScheduleResource>;
    using Observed = ObservedOf<ScheduleResource>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// The role that Scheduler assumes to call the functions of timers.
inline constexpr const char* role_node_name = "timers";

/// The schedules, and the role that they call their functions with.
std::vector<Node> schedule_nodes(const Application& application);

/// A sentence for each enabled timer that has no time left.
std::vector<std::string> schedule_warnings(World&, const Application& application);

} // namespace nimbus::deploy::timer
