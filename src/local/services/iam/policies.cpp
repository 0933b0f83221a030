#include "base/arn.h"
#include "base/encoding.h"
#include "local/services/form.h"
#include "local/services/iam/iam_service.h"

#include <algorithm>
#include <iterator>

namespace nimbus::local {
namespace {

using namespace iam_api;
using iam::Identity;
using iam::IdentityStore;
using iam::ManagedPolicy;

using Kind = Identity::Kind;

std::string noun(Kind kind)
{
    return kind == Kind::role ? "Role" : "User";
}

Identity named(IdentityStore& store, const Call& call, Kind kind)
{
    return need_identity(store, kind, required_form_value(call, noun(kind) + "Name"));
}

Identity changeable(IdentityStore& store, const Call& call, Kind kind)
{
    auto identity = named(store, call, kind);
    require_changeable(identity);
    return identity;
}

// --- inline policies ------------------------------------------------------------------------

http::Response put_inline(IdentityStore& store, Call& call, Kind kind)
{
    const auto name = name_field(call, "PolicyName", 128);
    const auto document = policy_field(call, "PolicyDocument", iam::PolicyUse::identity,
                                       kind == Kind::role ? 10'240 : 2'048);
    store.database().transaction([&] {
        auto identity = changeable(store, call, kind);
        identity.inline_policies[name] = document;
        store.put(identity);
    });
    return answer(call, "Put" + noun(kind) + "Policy");
}

[[noreturn]] void throw_no_inline(Kind kind, const std::string& name)
{
    throw ServiceError(404, "NoSuchEntity",
                       std::string("The ") + (kind == Kind::role ? "role" : "user") +
                           " policy with name " + name + " cannot be found.");
}

http::Response get_inline(IdentityStore& store, Call& call, Kind kind)
{
    const auto identity = named(store, call, kind);
    const auto name = required_form_value(call, "PolicyName");
    const auto found = identity.inline_policies.find(name);
    if (found == identity.inline_policies.end())
        throw_no_inline(kind, name);
    return answer(call, "Get" + noun(kind) + "Policy", [&](Xml& xml) {
        xml.text(noun(kind) + "Name", identity.name);
        xml.text("PolicyName", name);
        xml.text("PolicyDocument", percent_encode(found->second));
    });
}

http::Response delete_inline(IdentityStore& store, Call& call, Kind kind)
{
    const auto name = required_form_value(call, "PolicyName");
    store.database().transaction([&] {
        auto identity = changeable(store, call, kind);
        if (identity.inline_policies.erase(name) == 0)
            throw_no_inline(kind, name);
        store.put(identity);
    });
    return answer(call, "Delete" + noun(kind) + "Policy");
}

http::Response list_inline(IdentityStore& store, Call& call, Kind kind)
{
    const auto identity = named(store, call, kind);
    return answer(call, "List" + noun(kind) + "Policies", [&](Xml& xml) {
        xml.group("PolicyNames", [&](Xml& list) {
            for (const auto& [name, document] : identity.inline_policies)
                list.text("member", name);
        });
        xml.text("IsTruncated", "false");
    });
}

// --- attached policies ----------------------------------------------------------------------

http::Response attach(IdentityStore& store, Call& call, Kind kind)
{
    const auto arn = required_form_value(call, "PolicyArn");
    store.database().transaction([&] {
        auto identity = changeable(store, call, kind);
        if (!store.find_policy(arn))
            throw ServiceError(404, "NoSuchEntity",
                               "Policy " + arn + " does not exist or is not attachable.");
        if (std::ranges::count(identity.attached_policies, arn) == 0) {
            if (identity.attached_policies.size() >= 10)
                throw ServiceError(409, "LimitExceeded",
                                   "Cannot exceed quota for PoliciesPer" + noun(kind) + ": 10");
            identity.attached_policies.push_back(arn);
        }
        store.put(identity);
    });
    return answer(call, "Attach" + noun(kind) + "Policy");
}

http::Response detach(IdentityStore& store, Call& call, Kind kind)
{
    const auto arn = required_form_value(call, "PolicyArn");
    store.database().transaction([&] {
        auto identity = changeable(store, call, kind);
        if (std::erase(identity.attached_policies, arn) == 0)
            throw ServiceError(404, "NoSuchEntity", "Policy " + arn + " was not found.");
        store.put(identity);
    });
    return answer(call, "Detach" + noun(kind) + "Policy");
}

http::Response list_attached(IdentityStore& store, Call& call, Kind kind)
{
    const auto identity = named(store, call, kind);
    return answer(call, "ListAttached" + noun(kind) + "Policies", [&](Xml& xml) {
        const auto& arns = identity.attached_policies;
        write_page(xml, call, "AttachedPolicies", arns.size(), [&](Xml& member, std::size_t i) {
            member.text("PolicyName", arns[i].substr(arns[i].rfind('/') + 1));
            member.text("PolicyArn", arns[i]);
        });
    });
}

// --- managed policies -----------------------------------------------------------------------

ManagedPolicy named_policy(IdentityStore& store, const Call& call)
{
    const auto arn = required_form_value(call, "PolicyArn");
    auto policy = store.find_policy(arn);
    if (!policy)
        throw ServiceError(404, "NoSuchEntity", "Policy " + arn + " was not found.");
    return std::move(*policy);
}

void write_policy(Xml& xml, const ManagedPolicy& policy, IdentityStore& store)
{
    xml.text("PolicyName", policy.name);
    xml.text("PolicyId", policy.id);
    xml.text("Arn", policy.arn);
    xml.text("Path", policy.path);
    xml.text("DefaultVersionId", "v1");
    xml.text("AttachmentCount", std::to_string(store.attachment_count(policy.arn)));
    xml.text("PermissionsBoundaryUsageCount", std::to_string(store.boundary_count(policy.arn)));
    xml.text("IsAttachable", "true");
    if (!policy.description.empty())
        xml.text("Description", policy.description);
    xml.text("CreateDate", format_iso8601_seconds(policy.created));
    xml.text("UpdateDate", format_iso8601_seconds(policy.created));
    if (!policy.tags.empty())
        write_tags(xml, policy.tags);
}

http::Response create_policy(IdentityStore& store, Call& call)
{
    const auto name = name_field(call, "PolicyName", 128);
    auto policy = store.make_policy(name, path_field(call));
    policy.document = policy_field(call, "PolicyDocument", iam::PolicyUse::identity, 6'144);
    policy.description = form_value(call, "Description").value_or("");
    policy.tags = form_tags(call);
    store.database().transaction([&] {
        for (const auto& other : store.list_policies())
            if (other.name == name)
                throw ServiceError(409, "EntityAlreadyExists",
                                   "A policy called " + name +
                                       " already exists. Duplicate names are not allowed.");
        store.put_policy(policy);
    });
    return answer(call, "CreatePolicy", [&](Xml& xml) {
        xml.group("Policy", [&](Xml& body) { write_policy(body, policy, store); });
    });
}

http::Response get_policy(IdentityStore& store, Call& call)
{
    const auto policy = named_policy(store, call);
    return answer(call, "GetPolicy", [&](Xml& xml) {
        xml.group("Policy", [&](Xml& body) { write_policy(body, policy, store); });
    });
}

http::Response get_policy_version(IdentityStore& store, Call& call)
{
    const auto policy = named_policy(store, call);
    const auto version = required_form_value(call, "VersionId");
    if (version != "v1")
        throw ServiceError(404, "NoSuchEntity",
                           "Policy " + policy.arn + " version " + version +
                               " does not exist or is not attachable.");
    return answer(call, "GetPolicyVersion", [&](Xml& xml) {
        xml.group("PolicyVersion", [&](Xml& body) {
            body.text("Document", percent_encode(policy.document));
            body.text("VersionId", "v1");
            body.text("IsDefaultVersion", "true");
            body.text("CreateDate", format_iso8601_seconds(policy.created));
        });
    });
}

http::Response delete_policy(IdentityStore& store, Call& call)
{
    store.database().transaction([&] {
        const auto policy = named_policy(store, call);
        if (store.attachment_count(policy.arn) + store.boundary_count(policy.arn) > 0)
            throw ServiceError(409, "DeleteConflict",
                               "Cannot delete a policy attached to entities.");
        if (!store.erase_policy(policy.arn))
            throw ServiceError(403, "AccessDenied",
                               "AWS's own policy " + policy.arn + " cannot be deleted.");
    });
    return answer(call, "DeletePolicy");
}

http::Response list_policies(IdentityStore& store, Call& call)
{
    const auto scope = form_value(call, "Scope").value_or("All");
    if (scope != "All" && scope != "AWS" && scope != "Local")
        throw_validation_error("1 validation error detected: Value '" + scope +
                               "' at 'scope' failed to satisfy constraint: Member must satisfy "
                               "enum value set: [All, AWS, Local]");
    const auto prefix = form_value(call, "PathPrefix").value_or("/");
    const bool attached_only = form_value(call, "OnlyAttached") == "true";
    auto policies = scope == "Local" ? std::vector<ManagedPolicy>() : store.list_aws_policies();
    if (scope != "AWS")
        std::ranges::move(store.list_policies(), std::back_inserter(policies));
    std::erase_if(policies, [&](const ManagedPolicy& policy) {
        return !policy.path.starts_with(prefix) ||
               (attached_only && store.attachment_count(policy.arn) == 0);
    });
    return answer(call, "ListPolicies", [&](Xml& xml) {
        write_page(xml, call, "Policies", policies.size(),
                   [&](Xml& member, std::size_t i) { write_policy(member, policies[i], store); });
    });
}

using KindAnswer = http::Response (*)(IdentityStore&, Call&, Kind);
using PlainAnswer = http::Response (*)(IdentityStore&, Call&);

} // namespace

std::vector<Operation> iam_policy_operations(IdentityStore& store)
{
    const auto of_identity = [&](std::string_view name, std::string_view action, Kind kind,
                                 KindAnswer answer_call) {
        return Operation{.name = name,
                         .action = action,
                         .resource = identity_resource(store, kind),
                         .context = boundary_context(store),
                         .answer = Answer([&store, answer_call, kind](Call& call) {
                             return answer_call(store, call, kind);
                         })};
    };
    const auto of_policy = [&](std::string_view name, std::string_view action,
                               PlainAnswer answer_call) {
        return Operation{
            .name = name,
            .action = action,
            .resource =
                [](const Call& call) {
                    const Arn named{.service = "iam",
                                    .account = call.account_id,
                                    .resource = "policy" + form_value(call, "Path").value_or("/") +
                                                form_value(call, "PolicyName").value_or("*")};
                    return form_value(call, "PolicyArn").value_or(named.to_string());
                },
            .context = [&store](const Call& call) { return iam_context(store, call); },
            .answer =
                Answer([&store, answer_call](Call& call) { return answer_call(store, call); })};
    };
    auto create = of_policy("CreatePolicy", "iam:CreatePolicy", create_policy);
    create.tag_action = "iam:TagPolicy";
    constexpr auto role = Kind::role;
    constexpr auto user = Kind::user;
    return {
        of_identity("PutRolePolicy", "iam:PutRolePolicy", role, put_inline),
        of_identity("GetRolePolicy", "iam:GetRolePolicy", role, get_inline),
        of_identity("DeleteRolePolicy", "iam:DeleteRolePolicy", role, delete_inline),
        of_identity("ListRolePolicies", "iam:ListRolePolicies", role, list_inline),
        of_identity("AttachRolePolicy", "iam:AttachRolePolicy", role, attach),
        of_identity("DetachRolePolicy", "iam:DetachRolePolicy", role, detach),
        of_identity("ListAttachedRolePolicies", "iam:ListAttachedRolePolicies", role,
                    list_attached),
        of_identity("PutUserPolicy", "iam:PutUserPolicy", user, put_inline),
        of_identity("GetUserPolicy", "iam:GetUserPolicy", user, get_inline),
        of_identity("DeleteUserPolicy", "iam:DeleteUserPolicy", user, delete_inline),
        of_identity("ListUserPolicies", "iam:ListUserPolicies", user, list_inline),
        of_identity("AttachUserPolicy", "iam:AttachUserPolicy", user, attach),
        of_identity("DetachUserPolicy", "iam:DetachUserPolicy", user, detach),
        of_identity("ListAttachedUserPolicies", "iam:ListAttachedUserPolicies", user,
                    list_attached),
        create,
        of_policy("GetPolicy", "iam:GetPolicy", get_policy),
        of_policy("GetPolicyVersion", "iam:GetPolicyVersion", get_policy_version),
        of_policy("DeletePolicy", "iam:DeletePolicy", delete_policy),
        of_policy("ListPolicies", "iam:ListPolicies", list_policies),
    };
}

} // namespace nimbus::local
