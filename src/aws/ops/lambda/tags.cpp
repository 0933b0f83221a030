#include "aws/ops/lambda/tags.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/rest.h"

namespace nimbus::aws::lambda {
namespace {

std::string path_of(const std::string& resource_arn)
{
    return "/2017-03-31/tags/" + path_segment(resource_arn);
}

} // namespace

Encoded TagResource::encode() const
{
    return rest_request("POST", path_of(resource_arn), {{"Tags", to_json(tags)}});
}

Encoded ListTags::encode() const
{
    return rest_request("GET", path_of(resource_arn));
}

ListTags::Response ListTags::decode(const http::Response& response)
{
    return {.tags = string_map(body_of(response), "Tags")};
}

} // namespace nimbus::aws::lambda
