#include "local/services/form.h"
#include "local/services/iam/iam_service.h"

namespace nimbus::local {
namespace iam_api {

std::string boundary_field(iam::IdentityStore& store, const Call& call)
{
    auto arn = required_form_value(call, "PermissionsBoundary");
    if (!store.find_policy(arn))
        throw ServiceError(404, "NoSuchEntity",
                           "Scope ARN: " + arn + " does not exist or is not attachable.");
    return arn;
}

std::function<ConditionContext(const Call&)> boundary_context(iam::IdentityStore& store)
{
    return [&store](const Call& call) -> ConditionContext {
        auto boundary = form_value(call, "PermissionsBoundary").value_or("");
        if (const auto name = form_value(call, "RoleName"); name && boundary.empty())
            if (const auto role = store.find(iam::Identity::Kind::role, *name))
                boundary = role->permissions_boundary;
        auto context = iam_context(store, call);
        if (!boundary.empty())
            context["iam:PermissionsBoundary"] = boundary;
        return context;
    };
}

} // namespace iam_api

namespace {

using namespace iam_api;

/// Stores the role with that boundary; "": with none.
void set_boundary(iam::IdentityStore& store, const Call& call, const std::string& boundary)
{
    store.database().transaction([&] {
        auto role =
            need_identity(store, iam::Identity::Kind::role, required_form_value(call, "RoleName"));
        require_changeable(role);
        role.permissions_boundary = boundary;
        store.put(role);
    });
}

http::Response put_boundary(iam::IdentityStore& store, const Call& call)
{
    set_boundary(store, call, boundary_field(store, call));
    return answer(call, "PutRolePermissionsBoundary");
}

http::Response delete_boundary(iam::IdentityStore& store, const Call& call)
{
    set_boundary(store, call, "");
    return answer(call, "DeleteRolePermissionsBoundary");
}

} // namespace

std::vector<Operation> iam_boundary_operations(iam::IdentityStore& store)
{
    const auto entry = [&](std::string_view name, std::string_view action,
                           http::Response (*answer_call)(iam::IdentityStore&, const Call&)) {
        return Operation{.name = name,
                         .action = action,
                         .resource = identity_resource(store, iam::Identity::Kind::role),
                         .context = boundary_context(store),
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    return {
        entry("PutRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", put_boundary),
        entry("DeleteRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
              delete_boundary),
    };
}

} // namespace nimbus::local
