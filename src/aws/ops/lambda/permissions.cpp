#include "aws/ops/lambda/permissions.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/lambda/function_path.h"

namespace nimbus::aws::lambda {

Encoded AddPermission::encode() const
{
    json::object body;
    put(body, "StatementId", statement_id);
    put(body, "Action", action);
    put(body, "Principal", principal);
    put(body, "SourceArn", source_arn);
    put(body, "SourceAccount", source_account);
    return rest_request("POST", function_path(function_name, "/policy"), body);
}

AddPermission::Response AddPermission::decode(const http::Response& response)
{
    return {.statement = string_or_empty(body_of(response), "Statement")};
}

Encoded RemovePermission::encode() const
{
    return rest_request("DELETE",
                        function_path(function_name, "/policy/" + path_segment(statement_id)));
}

Encoded GetPolicy::encode() const
{
    return rest_request("GET", function_path(function_name, "/policy"));
}

GetPolicy::Response GetPolicy::decode(const http::Response& response)
{
    const JsonDocument answer(response.body, "the answer");
    const auto& body = body_in(answer);
    return {.policy = required_string(body, "Policy"),
            .revision_id = string_or_empty(body, "RevisionId")};
}

} // namespace nimbus::aws::lambda
