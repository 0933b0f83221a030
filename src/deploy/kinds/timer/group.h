#pragma once

#include "deploy/application.h"
#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::timer {

struct GroupInputs {
    std::string name;
    aws::Tags tags;
};
BOOST_DESCRIBE_STRUCT(GroupInputs, (), (name, tags))

struct GroupOutputs {
    std::string group_name;
    std::string arn;
};
BOOST_DESCRIBE_STRUCT(GroupOutputs, (), (group_name, arn))

/// The schedule group of the application's timers. It carries the tags, for schedules have none: a
/// schedule in a group that is ours is ours.
struct Group {
    static constexpr std::string_view name = "schedule-group";
    using Inputs = GroupInputs;
    using Outputs = GroupOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Group>> read(World&, Reads&, const SubjectOf<Group>&);
    static Outputs create(World&, const SubjectOf<Group>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Group>&, const Inputs&, const ObservedOf<Group>&);
    /// With its schedules.
    static void destroy(World&, const SubjectOf<Group>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// The one group's name among the application's resources.
inline constexpr std::string_view group_node_name = "timers";

/// <project>-<stage>
std::string group_name(const DeploymentId& deployment);
std::string group_arn(const Application& application);

/// None when there are no timers.
std::vector<Node> group_nodes(const Application& application);

} // namespace nimbus::deploy::timer
