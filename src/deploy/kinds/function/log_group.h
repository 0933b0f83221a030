#pragma once

#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct LogGroupInputs {
    std::string log_group;
    std::optional<aws::Tags> tags;
};
BOOST_DESCRIBE_STRUCT(LogGroupInputs, (), (log_group, tags))

struct LogGroupOutputs {
    std::string log_group;
    std::string arn;
};
BOOST_DESCRIBE_STRUCT(LogGroupOutputs, (), (log_group, arn))

/// A function's log group. Lambda would make one by itself, without tags, and nobody would ever
/// delete it.
struct LogGroup {
    static constexpr std::string_view name = "log-group";
    using Inputs = LogGroupInputs;
    using Outputs = LogGroupOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<LogGroup>> read(World&, Reads&, const SubjectOf<LogGroup>&);
    static Outputs create(World&, const SubjectOf<LogGroup>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<LogGroup>&, const Inputs&,
                          const ObservedOf<LogGroup>&);
    static void destroy(World&, const SubjectOf<LogGroup>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

std::vector<Node> log_group_nodes(const Application& application);

} // namespace nimbus::deploy::function
