#include "aws/ops/iam/role_policies.h"

#include "aws/ops/form_protocol.h"
#include "aws/ops/xml_protocol.h"
#include "base/encoding.h"

namespace nimbus::aws::iam {

Encoded PutRolePolicy::encode() const
{
    return Form(info)
        .add("RoleName", role_name)
        .add("PolicyName", policy_name)
        .add("PolicyDocument", policy_document)
        .request();
}

Encoded GetRolePolicy::encode() const
{
    return Form(info).add("RoleName", role_name).add("PolicyName", policy_name).request();
}

GetRolePolicy::Response GetRolePolicy::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    return {.policy_document =
                percent_decode(required_text(result_of(document, info), "PolicyDocument"))};
}

Encoded DeleteRolePolicy::encode() const
{
    return Form(info).add("RoleName", role_name).add("PolicyName", policy_name).request();
}

Encoded ListRolePolicies::encode() const
{
    return Form(info).add("RoleName", role_name).add("Marker", next_token).request();
}

ListRolePolicies::Response ListRolePolicies::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, info);
    return {.policy_names = members_of(
                result, "PolicyNames",
                [](const pugi::xml_node& member) { return std::string(member.text().get()); }),
            .next_token = next_marker(result)};
}

Encoded ListAttachedRolePolicies::encode() const
{
    return Form(info).add("RoleName", role_name).add("Marker", next_token).request();
}

ListAttachedRolePolicies::Response ListAttachedRolePolicies::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, info);
    return {.attached_policies = members_of(
                result, "AttachedPolicies",
                [](const pugi::xml_node& member) {
                    return AttachedPolicy{.policy_name = required_text(member, "PolicyName"),
                                          .policy_arn = required_text(member, "PolicyArn")};
                }),
            .next_token = next_marker(result)};
}

Encoded DetachRolePolicy::encode() const
{
    return Form(info).add("RoleName", role_name).add("PolicyArn", policy_arn).request();
}

} // namespace nimbus::aws::iam
