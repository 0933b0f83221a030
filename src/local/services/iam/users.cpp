#include "local/services/form.h"
#include "local/services/iam/iam_service.h"

namespace nimbus::local {
namespace {

using namespace iam_api;
using iam::Identity;
using iam::IdentityStore;

constexpr auto user_kind = Identity::Kind::user;

void write_user(Xml& xml, const Identity& user)
{
    xml.text("Path", user.path);
    xml.text("UserName", user.name);
    xml.text("UserId", user.id);
    xml.text("Arn", user.arn);
    xml.text("CreateDate", format_iso8601_seconds(user.created));
    if (!user.tags.empty())
        write_tags(xml, user.tags);
}

/// The user that the call names, else the caller, who then has to be a user.
Identity named_user(IdentityStore& store, const Call& call)
{
    if (const auto name = form_value(call, "UserName"))
        return need_identity(store, user_kind, *name);
    if (auto user = store.find_by_arn(call.caller.identity_arn); user && user->kind == user_kind)
        return std::move(*user);
    throw_validation_error("Must specify userName when calling with non-User credentials");
}

http::Response create_user(IdentityStore& store, Call& call)
{
    const auto name = name_field(call, "UserName", 64);
    auto user = store.make(user_kind, name, path_field(call));
    user.tags = form_tags(call);
    if (form_value(call, "PermissionsBoundary"))
        throw_validation_error("In the local cloud, only roles have permissions boundaries.");
    store.database().transaction([&] {
        if (store.find(user_kind, name))
            throw ServiceError(409, "EntityAlreadyExists",
                               "User with name " + name + " already exists.");
        store.put(user);
    });
    return answer(call, "CreateUser",
                  [&](Xml& xml) { xml.group("User", [&](Xml& body) { write_user(body, user); }); });
}

http::Response get_user(IdentityStore& store, Call& call)
{
    if (!form_value(call, "UserName") && call.caller.kind == Principal::Kind::root)
        return answer(call, "GetUser", [&](Xml& xml) {
            xml.group("User", [&](Xml& body) {
                body.text("UserId", call.account_id);
                body.text("Arn", call.caller.arn);
                body.text("CreateDate", format_iso8601_seconds(store.now()));
            });
        });
    const auto user = named_user(store, call);
    return answer(call, "GetUser",
                  [&](Xml& xml) { xml.group("User", [&](Xml& body) { write_user(body, user); }); });
}

http::Response list_users(IdentityStore& store, Call& call)
{
    const auto prefix = form_value(call, "PathPrefix").value_or("/");
    auto users = store.list(user_kind);
    std::erase_if(users, [&](const Identity& user) { return !user.path.starts_with(prefix); });
    return answer(call, "ListUsers", [&](Xml& xml) {
        write_page(xml, call, "Users", users.size(),
                   [&](Xml& member, std::size_t i) { write_user(member, users[i]); });
    });
}

http::Response delete_user(IdentityStore& store, Call& call)
{
    store.database().transaction([&] {
        const auto user = need_identity(store, user_kind, required_form_value(call, "UserName"));
        const auto conflict = [](const char* what) {
            throw ServiceError(409, "DeleteConflict",
                               std::string("Cannot delete entity, must ") + what + " first.");
        };
        if (!store.keys_of(user.name).empty())
            conflict("delete access keys");
        if (!user.attached_policies.empty())
            conflict("detach all policies");
        if (!user.inline_policies.empty())
            conflict("delete policies");
        store.erase(user_kind, user.name);
    });
    return answer(call, "DeleteUser");
}

http::Response create_access_key(IdentityStore& store, Call& call)
{
    const auto user = named_user(store, call);
    const auto key = store.make_key(user.name);
    store.database().transaction([&] {
        if (store.keys_of(user.name).size() >= 2)
            throw ServiceError(409, "LimitExceeded",
                               "Cannot exceed quota for AccessKeysPerUser: 2");
        store.put_key(key);
    });
    return answer(call, "CreateAccessKey", [&](Xml& xml) {
        xml.group("AccessKey", [&](Xml& body) {
            body.text("UserName", user.name);
            body.text("AccessKeyId", key.access_key_id);
            body.text("Status", "Active");
            body.text("SecretAccessKey", key.secret_access_key);
            body.text("CreateDate", format_iso8601_seconds(key.created));
        });
    });
}

iam::UserKey named_key(IdentityStore& store, const Call& call)
{
    const auto user = named_user(store, call);
    const auto id = required_form_value(call, "AccessKeyId");
    auto key = store.find_key(id);
    if (!key || key->user != user.name)
        throw ServiceError(404, "NoSuchEntity",
                           "The Access Key with id " + id + " cannot be found.");
    return std::move(*key);
}

http::Response update_access_key(IdentityStore& store, Call& call)
{
    auto key = named_key(store, call);
    const auto status = required_form_value(call, "Status");
    if (status != "Active" && status != "Inactive")
        throw_validation_error("Status is Active or Inactive.");
    key.active = status == "Active";
    store.put_key(key);
    return answer(call, "UpdateAccessKey");
}

http::Response delete_access_key(IdentityStore& store, Call& call)
{
    store.erase_key(named_key(store, call).access_key_id);
    return answer(call, "DeleteAccessKey");
}

http::Response list_access_keys(IdentityStore& store, Call& call)
{
    const auto user = named_user(store, call);
    const auto keys = store.keys_of(user.name);
    return answer(call, "ListAccessKeys", [&](Xml& xml) {
        xml.text("UserName", user.name);
        write_page(xml, call, "AccessKeyMetadata", keys.size(), [&](Xml& member, std::size_t i) {
            member.text("UserName", user.name);
            member.text("AccessKeyId", keys[i].access_key_id);
            member.text("Status", keys[i].active ? "Active" : "Inactive");
            member.text("CreateDate", format_iso8601_seconds(keys[i].created));
        });
    });
}

} // namespace

std::vector<Operation> iam_user_operations(IdentityStore& store)
{
    const auto on_user = identity_resource(store, user_kind);
    const auto entry = [&](std::string_view name, std::string_view action,
                           http::Response (*answer_call)(IdentityStore&, Call&)) {
        return Operation{.name = name,
                         .action = action,
                         .resource = on_user,
                         .context = [&store](const Call& call) { return iam_context(store, call); },
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    auto create = entry("CreateUser", "iam:CreateUser", create_user);
    create.tag_action = "iam:TagUser";
    return {
        create,
        entry("GetUser", "iam:GetUser", get_user),
        entry("ListUsers", "iam:ListUsers", list_users),
        entry("DeleteUser", "iam:DeleteUser", delete_user),
        entry("CreateAccessKey", "iam:CreateAccessKey", create_access_key),
        entry("UpdateAccessKey", "iam:UpdateAccessKey", update_access_key),
        entry("DeleteAccessKey", "iam:DeleteAccessKey", delete_access_key),
        entry("ListAccessKeys", "iam:ListAccessKeys", list_access_keys),
    };
}

} // namespace nimbus::local
