#include "aws/ops/dsql/tags.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/rest.h"

namespace nimbus::aws::dsql {
namespace {

std::string path_of(const std::string& resource_arn)
{
    return "/tags/" + path_segment(resource_arn);
}

} // namespace

Encoded TagResource::encode() const
{
    return rest_request("POST", path_of(resource_arn), {{"tags", to_json(tags)}});
}

Encoded UntagResource::encode() const
{
    auto request = rest_request("DELETE", path_of(resource_arn));
    for (const auto& key : tag_keys)
        add_query(request, "tagKeys", key);
    return request;
}

Encoded ListTagsForResource::encode() const
{
    return rest_request("GET", path_of(resource_arn));
}

ListTagsForResource::Response ListTagsForResource::decode(const http::Response& response)
{
    return {.tags = string_map(body_of(response), "tags")};
}

} // namespace nimbus::aws::dsql
