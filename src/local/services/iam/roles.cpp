#include "base/encoding.h"
#include "local/services/form.h"
#include "local/services/iam/iam_service.h"

namespace nimbus::local {
namespace {

using namespace iam_api;
using iam::Identity;
using iam::IdentityStore;

constexpr auto role_kind = Identity::Kind::role;

void write_role(Xml& xml, const Identity& role)
{
    xml.text("Path", role.path);
    xml.text("RoleName", role.name);
    xml.text("RoleId", role.id);
    xml.text("Arn", role.arn);
    xml.text("CreateDate", format_iso8601_seconds(role.created));
    xml.text("AssumeRolePolicyDocument", percent_encode(role.trust_policy));
    if (!role.description.empty())
        xml.text("Description", role.description);
    xml.text("MaxSessionDuration", std::to_string(role.max_session_seconds));
}

void write_whole_role(Xml& xml, const Identity& role)
{
    xml.group("Role", [&](Xml& body) {
        write_role(body, role);
        if (!role.tags.empty())
            write_tags(body, role.tags);
        if (!role.permissions_boundary.empty())
            body.group("PermissionsBoundary", [&](Xml& boundary) {
                boundary.text("PermissionsBoundaryType", "Policy");
                boundary.text("PermissionsBoundaryArn", role.permissions_boundary);
            });
        body.group("RoleLastUsed", [](Xml&) {});
    });
}

Identity named_role(IdentityStore& store, const Call& call)
{
    return need_identity(store, role_kind, required_form_value(call, "RoleName"));
}

/// One that only a service changes is not the account's to change.
Identity changeable_role(IdentityStore& store, const Call& call)
{
    auto role = named_role(store, call);
    require_changeable(role);
    return role;
}

http::Response create_role(IdentityStore& store, Call& call)
{
    const auto name = name_field(call, "RoleName", 64);
    const auto path = path_field(call);
    if (path.starts_with(iam::service_linked_path))
        throw_validation_error("The path " + path + " is reserved for roles of services.");
    auto role = store.make(role_kind, name, path);
    role.trust_policy = policy_field(call, "AssumeRolePolicyDocument", iam::PolicyUse::trust, 4096);
    role.description = form_value(call, "Description").value_or("");
    if (role.description.size() > 1000)
        throw_validation_error("Description has at most 1000 characters.");
    role.max_session_seconds =
        form_integer(call, "MaxSessionDuration", 3600, 43'200).value_or(3600);
    role.tags = form_tags(call);
    if (form_value(call, "PermissionsBoundary"))
        role.permissions_boundary = boundary_field(store, call);
    store.database().transaction([&] {
        if (store.find(role_kind, name))
            throw ServiceError(409, "EntityAlreadyExists",
                               "Role with name " + name + " already exists.");
        store.put(role);
    });
    return answer(call, "CreateRole", [&](Xml& xml) { write_whole_role(xml, role); });
}

http::Response get_role(IdentityStore& store, Call& call)
{
    const auto role = named_role(store, call);
    return answer(call, "GetRole", [&](Xml& xml) { write_whole_role(xml, role); });
}

http::Response list_roles(IdentityStore& store, Call& call)
{
    const auto prefix = form_value(call, "PathPrefix").value_or("/");
    auto roles = store.list(role_kind);
    std::erase_if(roles, [&](const Identity& role) { return !role.path.starts_with(prefix); });
    return answer(call, "ListRoles", [&](Xml& xml) {
        write_page(xml, call, "Roles", roles.size(),
                   [&](Xml& member, std::size_t i) { write_role(member, roles[i]); });
    });
}

/// Reads the role, changes it and stores it, as one step.
http::Response change_role(IdentityStore& store, Call& call, std::string_view action,
                           const std::function<void(Identity&)>& change)
{
    store.database().transaction([&] {
        auto role = changeable_role(store, call);
        change(role);
        store.put(role);
    });
    return answer(call, action);
}

http::Response update_role(IdentityStore& store, Call& call)
{
    change_role(store, call, "UpdateRole", [&](Identity& role) {
        role.description = form_value(call, "Description").value_or(role.description);
        role.max_session_seconds = form_integer(call, "MaxSessionDuration", 3600, 43'200)
                                       .value_or(role.max_session_seconds);
    });
    return answer(call, "UpdateRole", [](Xml&) {});
}

http::Response update_trust(IdentityStore& store, Call& call)
{
    const auto document = policy_field(call, "PolicyDocument", iam::PolicyUse::trust, 4096);
    return change_role(store, call, "UpdateAssumeRolePolicy",
                       [&](Identity& role) { role.trust_policy = document; });
}

http::Response delete_role(IdentityStore& store, Call& call)
{
    store.database().transaction([&] {
        const auto role = changeable_role(store, call);
        if (!role.attached_policies.empty())
            throw ServiceError(409, "DeleteConflict",
                               "Cannot delete entity, must detach all policies first.");
        if (!role.inline_policies.empty())
            throw ServiceError(409, "DeleteConflict",
                               "Cannot delete entity, must delete policies first.");
        store.erase(role_kind, role.name);
    });
    return answer(call, "DeleteRole");
}

http::Response tag_role(IdentityStore& store, Call& call)
{
    const auto tags = form_tags(call);
    return change_role(store, call, "TagRole", [&](Identity& role) {
        for (const auto& [key, value] : tags)
            role.tags[key] = value;
        if (role.tags.size() > 50)
            throw ServiceError(409, "LimitExceeded", "A role has at most 50 tags.");
    });
}

http::Response untag_role(IdentityStore& store, Call& call)
{
    const auto keys = form_list(call, "TagKeys");
    return change_role(store, call, "UntagRole", [&](Identity& role) {
        for (const auto& key : keys)
            role.tags.erase(key);
    });
}

http::Response list_role_tags(IdentityStore& store, Call& call)
{
    const auto role = named_role(store, call);
    return answer(call, "ListRoleTags", [&](Xml& xml) {
        write_tags(xml, role.tags);
        xml.text("IsTruncated", "false");
    });
}

} // namespace

std::vector<Operation> iam_role_operations(IdentityStore& store)
{
    const auto on_role = identity_resource(store, role_kind);
    const auto bind = [&store](http::Response (*answer_call)(IdentityStore&, Call&)) {
        return Answer([&store, answer_call](Call& call) { return answer_call(store, call); });
    };
    const auto entry = [&](std::string_view name, std::string_view action,
                           http::Response (*answer_call)(IdentityStore&, Call&)) {
        return Operation{.name = name,
                         .action = action,
                         .resource = on_role,
                         .context = [&store](const Call& call) { return iam_context(store, call); },
                         .answer = bind(answer_call)};
    };
    auto create = entry("CreateRole", "iam:CreateRole", create_role);
    create.tag_action = "iam:TagRole";
    create.context = boundary_context(store);
    return {
        create,
        entry("GetRole", "iam:GetRole", get_role),
        entry("ListRoles", "iam:ListRoles", list_roles),
        entry("UpdateRole", "iam:UpdateRole", update_role),
        entry("UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy", update_trust),
        entry("DeleteRole", "iam:DeleteRole", delete_role),
        entry("TagRole", "iam:TagRole", tag_role),
        entry("UntagRole", "iam:UntagRole", untag_role),
        entry("ListRoleTags", "iam:ListRoleTags", list_role_tags),
    };
}

} // namespace nimbus::local
