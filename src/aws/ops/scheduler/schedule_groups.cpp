#include "aws/ops/scheduler/schedule_groups.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::scheduler {
namespace {

std::string path_of(const std::string& name)
{
    return "/schedule-groups/" + path_segment(name);
}

} // namespace

Encoded CreateScheduleGroup::encode() const
{
    json::object body;
    if (!tags.empty())
        body["Tags"] = to_tag_list(tags);
    put(body, "ClientToken", client_token);
    return rest_request("POST", path_of(name), body);
}

CreateScheduleGroup::Response CreateScheduleGroup::decode(const http::Response& response)
{
    return {.schedule_group_arn = required_string(body_of(response), "ScheduleGroupArn")};
}

Encoded GetScheduleGroup::encode() const
{
    return rest_request("GET", path_of(name));
}

GetScheduleGroup::Response GetScheduleGroup::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = required_string(body, "Arn"),
            .name = required_string(body, "Name"),
            .state = string_or_empty(body, "State"),
            .creation_date = seconds_member(body, "CreationDate"),
            .last_modification_date = seconds_member(body, "LastModificationDate")};
}

Encoded DeleteScheduleGroup::encode() const
{
    auto request = rest_request("DELETE", path_of(name));
    add_query(request, "clientToken", client_token);
    return request;
}

} // namespace nimbus::aws::scheduler
