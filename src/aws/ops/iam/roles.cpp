#include "aws/ops/iam/roles.h"

#include "aws/ops/form_protocol.h"
#include "aws/ops/xml_protocol.h"
#include "base/encoding.h"
#include "base/number.h"

namespace nimbus::aws::iam {
namespace {

/// One hour where the service does not say.
std::chrono::seconds decode_duration(const pugi::xml_node& role)
{
    const auto seconds = parse_number<int>(text_of(role, "MaxSessionDuration"));
    return seconds ? std::chrono::seconds(*seconds) : Role().max_session_duration;
}

Role decode_role(const pugi::xml_node& node)
{
    return {.role_name = required_text(node, "RoleName"),
            .role_id = required_text(node, "RoleId"),
            .arn = required_text(node, "Arn"),
            .path = text_of(node, "Path"),
            .description = text_of(node, "Description"),
            .assume_role_policy_document =
                percent_decode(text_of(node, "AssumeRolePolicyDocument")),
            .max_session_duration = decode_duration(node),
            .create_date = required_time(node, "CreateDate"),
            .tags = tags_of(node),
            .permissions_boundary =
                text_of(node.child("PermissionsBoundary"), "PermissionsBoundaryArn")};
}

} // namespace

Encoded CreateRole::encode() const
{
    return Form(info)
        .add("Path", path)
        .add("RoleName", role_name)
        .add("AssumeRolePolicyDocument", assume_role_policy_document)
        .add("Description", description)
        .add("PermissionsBoundary", permissions_boundary)
        .add(tags)
        .request();
}

CreateRole::Response CreateRole::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    return {.role = decode_role(result_of(document, info).child("Role"))};
}

Encoded GetRole::encode() const
{
    return Form(info).add("RoleName", role_name).request();
}

GetRole::Response GetRole::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    return {.role = decode_role(result_of(document, info).child("Role"))};
}

Encoded UpdateRole::encode() const
{
    return Form(info)
        .add("RoleName", role_name)
        .add("MaxSessionDuration", static_cast<int>(max_session_duration.count()))
        .request();
}

Encoded DeleteRole::encode() const
{
    return Form(info).add("RoleName", role_name).request();
}

Encoded UpdateAssumeRolePolicy::encode() const
{
    return Form(info).add("RoleName", role_name).add("PolicyDocument", policy_document).request();
}

Encoded ListRoles::encode() const
{
    return Form(info)
        .add("PathPrefix", path_prefix)
        .add("Marker", next_token)
        .add("MaxItems", max_items)
        .request();
}

ListRoles::Response ListRoles::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, info);
    return {.roles = members_of(result, "Roles", decode_role), .next_token = next_marker(result)};
}

} // namespace nimbus::aws::iam
