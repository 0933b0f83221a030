#include "aws/ops/iam/role_tags.h"

#include "aws/ops/form_protocol.h"
#include "aws/ops/xml_protocol.h"

namespace nimbus::aws::iam {

Encoded TagRole::encode() const
{
    return Form(info).add("RoleName", role_name).add(tags).request();
}

Encoded ListRoleTags::encode() const
{
    return Form(info).add("RoleName", role_name).add("Marker", next_token).request();
}

ListRoleTags::Response ListRoleTags::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, info);
    return {.tags = tags_of(result), .next_token = next_marker(result)};
}

} // namespace nimbus::aws::iam
