#pragma once

#include "deploy/link.h"
#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct RoleInputs {
    std::string role_name;
    json::value trust;
    json::value policy; ///< null when there is none
    aws::Tags tags;
};
BOOST_DESCRIBE_STRUCT(RoleInputs, (), (role_name, trust, policy, tags))

struct RoleOutputs {
    std::string role_name;
    std::string arn;
    std::string role_id;
};
BOOST_DESCRIBE_STRUCT(RoleOutputs, (), (role_name, arn, role_id))

/// An IAM role with one inline policy.
struct Role {
    static constexpr std::string_view name = "role";
    using Inputs = RoleInputs;
    using Outputs = RoleOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Role>> read(World&, Reads&, const SubjectOf<Role>&);
    static Outputs create(World&, const SubjectOf<Role>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Role>&, const Inputs&, const ObservedOf<Role>&);
    static void destroy(World&, const SubjectOf<Role>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// A role of the application's that has `name` there.
NodeOf<Role> role_node(const Application& application, const std::string& name, json::object trust,
                       const std::vector<Statement>& statements);

/// What functions may do: one role for all functions that use the same resources. Lambda may assume
/// it; its policy allows their log groups, and what their links and own permissions say.
/// The inline policy that is ours.
inline constexpr std::string_view own_policy_name = "nimbus";

struct RolePolicies {
    std::vector<std::string> inline_names;
    std::vector<std::string> attached_arns;
};
/// None when the role does not exist.
RolePolicies policies_of(World& world, const std::string& role_name);

std::vector<Node> role_nodes(const Application& application);

} // namespace nimbus::deploy::function
