#pragma once

#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct LogGroupInputs {
    std::string log_group;
    std::optional<aws::Tags> tags;
    /// Days, or manifest::infinite_retention; absent: the program does not say.
    std::optional<int> retention;
};
BOOST_DESCRIBE_STRUCT(LogGroupInputs, (), (log_group, tags, retention))

struct LogGroupOutputs {
    std::string log_group;
    std::string arn;
    /// A deploy was killed between its making and its first retention. Absent also of log groups
    /// that earlier versions made, without a retention.
    std::optional<bool> is_unfinished;
    /// When it was made, in milliseconds, as AWS says: one that is made again has another time.
    std::string created;
};
BOOST_DESCRIBE_STRUCT(LogGroupOutputs, (), (log_group, arn, is_unfinished, created))

/// A function's log group. Lambda would make one by itself, without tags, and nobody would ever
/// delete it. The log of a function that the program no longer has stays until all is destroyed.
/// Retention: 30 days for a new one; one that exists changes only when the program says it.
struct LogGroup {
    static constexpr std::string_view name = "log-group";
    static constexpr Leaving leaving = Leaving::stays;
    using Inputs = LogGroupInputs;
    using Outputs = LogGroupOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<LogGroup>> read(World&, Reads&, const SubjectOf<LogGroup>&);
    static std::vector<std::string> differences(const Inputs& wanted, const ObservedOf<LogGroup>&);
    static Outputs create(World&, const SubjectOf<LogGroup>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<LogGroup>&, const Inputs&,
                          const ObservedOf<LogGroup>&);
    static void destroy(World&, const SubjectOf<LogGroup>&);
    static Outputs learn(World&, Reads&, const SubjectOf<LogGroup>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

std::vector<Node> log_group_nodes(const Application& application);

} // namespace nimbus::deploy::function
