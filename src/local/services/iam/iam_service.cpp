#include "local/services/iam/iam_service.h"

#include "base/error.h"
#include "base/number.h"
#include "local/services/form.h"

#include <algorithm>

namespace nimbus::local {
namespace iam_api {
namespace {

bool is_name(std::string_view text)
{
    return std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("_+=,.@-").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

} // namespace

iam::Identity need_identity(iam::IdentityStore& store, iam::Identity::Kind kind,
                            const std::string& name)
{
    auto identity = store.find(kind, name);
    if (!identity)
        throw ServiceError(
            404, "NoSuchEntity",
            std::string(kind == iam::Identity::Kind::role ? "The role" : "The user") +
                " with name " + name + " cannot be found.");
    return std::move(*identity);
}

void require_changeable(const iam::Identity& identity)
{
    if (identity.path.starts_with(iam::service_linked_path))
        throw ServiceError(400, "UnmodifiableEntity",
                           "Cannot perform the operation on the protected role '" + identity.name +
                               "' - this role is only modifiable by AWS");
}

std::string name_field(const Call& call, std::string_view field, std::size_t longest)
{
    auto name = required_form_value(call, field);
    if (!is_name(name))
        throw_validation_error("The specified value for " + std::string(field) +
                               " is invalid. It must contain only alphanumeric characters and/or "
                               "the following: +=,.@_-");
    if (name.size() > longest)
        throw_validation_error("1 validation error detected: Value at '" + std::string(field) +
                               "' failed to satisfy constraint: Member must have length less than "
                               "or equal to " +
                               std::to_string(longest));
    return name;
}

std::string path_field(const Call& call)
{
    auto path = form_value(call, "Path").value_or("/");
    const auto fine = std::ranges::all_of(path, [](char c) { return c >= '!' && c <= '~'; });
    if (!fine || path.size() > 512 || !path.starts_with('/') || !path.ends_with('/'))
        throw_validation_error("The specified value for path is invalid. It must begin and end "
                               "with / and contain only alphanumeric characters and/or / "
                               "characters.");
    return path;
}

std::string policy_field(const Call& call, std::string_view field, iam::PolicyUse use,
                         std::size_t longest)
{
    auto text = required_form_value(call, field);
    // White space does not count (IAM User Guide, "IAM and AWS STS quotas").
    const auto counted = std::ranges::count_if(
        text, [](char c) { return !std::string_view(" \t\r\n").contains(c); });
    if (static_cast<std::size_t>(counted) > longest)
        throw ServiceError(409, "LimitExceeded",
                           "Maximum policy size of " + std::to_string(longest) + " bytes exceeded");
    try {
        static_cast<void>(iam::parse_policy(text, use));
    } catch (const Error& error) {
        throw ServiceError(400, "MalformedPolicyDocument", error.what());
    }
    return text;
}

iam::Tags form_tags(const Call& call)
{
    iam::Tags tags;
    for (std::size_t i = 1;; ++i) {
        const auto prefix = "Tags.member." + std::to_string(i) + ".";
        const auto key = form_value(call, prefix + "Key");
        if (!key)
            break;
        const auto value = form_value(call, prefix + "Value").value_or("");
        if (key->empty() || key->size() > 128 || value.size() > 256)
            throw_validation_error("Tag keys have 1 to 128 characters and values at most 256.");
        if (!tags.emplace(*key, value).second)
            throw ServiceError(400, "InvalidInput",
                               "Duplicate tag keys found. Please note that Tag keys are case "
                               "insensitive.");
    }
    if (tags.size() > 50)
        throw ServiceError(409, "LimitExceeded", "A resource has at most 50 tags.");
    return tags;
}

void write_tags(Xml& xml, const iam::Tags& tags)
{
    xml.group("Tags", [&](Xml& list) {
        for (const auto& [key, value] : tags)
            list.group("member", [&](Xml& tag) {
                tag.text("Key", key);
                tag.text("Value", value);
            });
    });
}

http::Response answer(const Call& call, std::string_view action,
                      const std::function<void(Xml&)>& result)
{
    return query_answer(call, action, xml_namespace, result);
}

void write_page(Xml& xml, const Call& call, std::string_view name, std::size_t count,
                const std::function<void(Xml&, std::size_t)>& item)
{
    const auto size =
        static_cast<std::size_t>(form_integer(call, "MaxItems", 1, 1000).value_or(100));
    std::size_t first = 0;
    if (const auto marker = form_value(call, "Marker")) {
        const auto number = parse_number<std::size_t>(*marker);
        if (!number)
            throw_validation_error("Invalid Marker.");
        first = std::min(*number, count);
    }
    const auto last = std::min(count, first + size);
    xml.group(name, [&](Xml& list) {
        for (auto i = first; i < last; ++i)
            list.group("member", [&](Xml& member) { item(member, i); });
    });
    xml.text("IsTruncated", last < count ? "true" : "false");
    if (last < count)
        xml.text("Marker", std::to_string(last));
}

std::function<std::string(const Call&)> identity_resource(iam::IdentityStore& store,
                                                          iam::Identity::Kind kind)
{
    return [&store, kind](const Call& call) -> std::string {
        const auto role = kind == iam::Identity::Kind::role;
        const auto name = form_value(call, role ? "RoleName" : "UserName");
        if (!name)
            return role ? "*" : call.caller.identity_arn;
        if (const auto identity = store.find(kind, *name))
            return identity->arn;
        return "arn:aws:iam::" + call.account_id + (role ? ":role" : ":user") +
               form_value(call, "Path").value_or("/") + *name;
    };
}

ConditionContext iam_context(iam::IdentityStore& store, const Call& call)
{
    using Kind = iam::Identity::Kind;
    iam::Tags tags;
    if (const auto arn = form_value(call, "PolicyArn"))
        if (const auto policy = store.find_policy(*arn))
            tags = policy->tags;
    for (const auto& [field, kind] :
         {std::pair("RoleName", Kind::role), std::pair("UserName", Kind::user)})
        if (const auto name = form_value(call, field))
            if (const auto identity = store.find(kind, *name))
                tags = identity->tags; // of AttachRolePolicy, the role is the resource
    auto context = resource_tags(tags);
    for (const auto& [key, value] : tags)
        context["iam:ResourceTag/" + key] = value;
    return context;
}

} // namespace iam_api

Service make_iam_service(iam::IdentityStore& store)
{
    Service service{.signing_name = "iam",
                    .protocol = Protocol::query,
                    .api = std::string(iam_api::xml_namespace),
                    .inputs = iam_inputs(),
                    .input_error = "ValidationError"};
    service.add(iam_role_operations(store));
    service.add(iam_user_operations(store));
    service.add(iam_policy_operations(store));
    service.add(iam_boundary_operations(store));
    service.claims = [](const http::Request& request) {
        return request.path() == "/" && request.method == "POST";
    };
    return service;
}

} // namespace nimbus::local
