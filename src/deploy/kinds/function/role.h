#pragma once

#include "aws/ops/iam/roles.h"
#include "deploy/link.h"
#include "deploy/memo.h"
#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct RoleInputs {
    std::string role_name;
    json::value trust;
    json::value policy; ///< null when there is none
    aws::Tags tags;
    /// ARN of a managed policy; empty: none, or one that is not ours.
    std::string permissions_boundary;
};
BOOST_DESCRIBE_STRUCT(RoleInputs, (), (role_name, trust, policy, tags, permissions_boundary))

struct RoleSettings {
    int max_session_duration = 3'600; ///< seconds
};
BOOST_DESCRIBE_STRUCT(RoleSettings, (), (max_session_duration))

struct RoleOutputs {
    std::string role_name;
    std::string arn;
    std::string role_id;
    /// The one that is ours: declared, or set by an earlier deploy. "none": it was taken away
    /// again; empty: there never was one.
    std::string permissions_boundary;

    bool has_own_boundary() const
    {
        return !permissions_boundary.empty() && permissions_boundary != no_boundary;
    }
    static constexpr std::string_view no_boundary = "none";
};
BOOST_DESCRIBE_STRUCT(RoleOutputs, (), (role_name, arn, role_id, permissions_boundary))

/// An IAM role with one inline policy.
struct Role {
    static constexpr std::string_view name = "role";
    using Inputs = RoleInputs;
    using Settings = RoleSettings;
    using Outputs = RoleOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Role>> read(World&, Reads&, const SubjectOf<Role>&);
    static Outputs create(World&, const SubjectOf<Role>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Role>&, const Inputs&, const ObservedOf<Role>&);
    static void destroy(World&, const SubjectOf<Role>&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// Roles as AWS has them; nothing for one that it has not.
class RoleReads {
public:
    explicit RoleReads(World& world) : world_(world) {}

    const std::optional<aws::iam::Role>& role(const std::string& role_name);

private:
    World& world_;
    Memo<std::optional<aws::iam::Role>> roles_;
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
