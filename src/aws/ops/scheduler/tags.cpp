#include "aws/ops/scheduler/tags.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::scheduler {
namespace {

std::string path_of(const std::string& resource_arn)
{
    return "/tags/" + path_segment(resource_arn);
}

} // namespace

Encoded TagResource::encode() const
{
    return rest_request("POST", path_of(resource_arn), {{"Tags", to_tag_list(tags)}});
}

Encoded UntagResource::encode() const
{
    auto request = rest_request("DELETE", path_of(resource_arn));
    for (const auto& key : tag_keys)
        add_query(request, "TagKeys", key);
    return request;
}

Encoded ListTagsForResource::encode() const
{
    return rest_request("GET", path_of(resource_arn));
}

ListTagsForResource::Response ListTagsForResource::decode(const http::Response& response)
{
    return {.tags = tag_list_member(body_of(response), "Tags")};
}

} // namespace nimbus::aws::scheduler
