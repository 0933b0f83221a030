#pragma once

#include "deploy/kinds/function/function.h"

#include <map>

namespace nimbus::deploy::function {

struct PermissionInputs {
    std::string function_name;
    std::string source_arn;
    std::optional<std::string> statement_id;
    std::optional<std::string> principal;
};
BOOST_DESCRIBE_STRUCT(PermissionInputs, (), (function_name, source_arn, statement_id, principal))

struct PermissionOutputs {
    std::string function_name;
    std::string statement_id;
};
BOOST_DESCRIBE_STRUCT(PermissionOutputs, (), (function_name, statement_id))

/// A service's permission to invoke a function on behalf of an event source: a statement of the
/// function's resource policy with an id that stays the same, so that the policy does not grow.
struct Permission {
    static constexpr std::string_view name = "permission";
    using Inputs = PermissionInputs;
    using Outputs = PermissionOutputs;
    using Parent = Function;

    static std::optional<ObservedOf<Permission>> read(World&, Reads&, const SubjectOf<Permission>&);
    static Outputs create(World&, const SubjectOf<Permission>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Permission>&, const Inputs&,
                          const ObservedOf<Permission>&);
    static void destroy(World&, const SubjectOf<Permission>&);
    static std::string id(const Outputs& outputs) { return outputs.statement_id; }
};

/// The key of the permission of an event source to call that function.
std::string permission_key(const std::string& function, const std::string& source);

/// What a statement of a function's resource policy allows.
struct PolicyStatement {
    std::string source_arn; ///< empty where it is not limited to one in the form that Lambda writes
    std::string principal;  ///< a service; or all that the statement says, where it says more
};
using PolicyStatements = std::map<std::string, PolicyStatement>; ///< by their ids

/// Those of that function. Empty when there is none.
const PolicyStatements& policy_statements(Reads& reads, const std::string& function_name);

std::vector<Node> permission_nodes(const Application& application);

} // namespace nimbus::deploy::function
