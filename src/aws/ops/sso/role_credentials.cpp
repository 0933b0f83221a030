#include "aws/ops/sso/role_credentials.h"

#include "aws/ops/json_protocol.h"
#include "base/error.h"

namespace nimbus::aws::sso {

Encoded GetRoleCredentials::encode() const
{
    auto request = rest_request("GET", "/federation/credentials");
    add_query(request, "role_name", role_name);
    add_query(request, "account_id", account_id);
    request.headers.add("x-amz-sso_bearer_token", access_token);
    return request;
}

GetRoleCredentials::Response GetRoleCredentials::decode(const http::Response& response)
{
    const auto body = body_of(response);
    const auto* credentials = object_member(body, "roleCredentials");
    if (credentials == nullptr)
        throw Error("the answer has no roleCredentials");
    return {.access_key_id = required_string(*credentials, "accessKeyId"),
            .secret_access_key = required_string(*credentials, "secretAccessKey"),
            .session_token = required_string(*credentials, "sessionToken"),
            .expiration = milliseconds_member(*credentials, "expiration")};
}

} // namespace nimbus::aws::sso
