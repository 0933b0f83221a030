#include "aws/ops/sso_oidc/token.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::sso_oidc {

Encoded CreateToken::encode() const
{
    return rest_request("POST", "/token",
                        json::object{{"clientId", client_id},
                                     {"clientSecret", client_secret},
                                     {"grantType", "refresh_token"},
                                     {"refreshToken", refresh_token}});
}

CreateToken::Response CreateToken::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.access_token = required_string(body, "accessToken"),
            .refresh_token = string_or_empty(body, "refreshToken"),
            .expires_in = required_duration(body, "expiresIn")};
}

} // namespace nimbus::aws::sso_oidc
