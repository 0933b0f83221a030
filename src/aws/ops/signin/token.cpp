#include "aws/ops/signin/token.h"

#include "aws/ops/json_protocol.h"
#include "base/error.h"

namespace nimbus::aws::signin {

Encoded CreateOAuth2Token::encode() const
{
    auto request = rest_request("POST", std::string(token_path),
                                json::object{{"clientId", client_id},
                                             {"grantType", "refresh_token"},
                                             {"refreshToken", refresh_token}});
    request.headers.add("DPoP", dpop_proof);
    return request;
}

CreateOAuth2Token::Response CreateOAuth2Token::decode(const http::Response& response)
{
    const auto body = body_of(response);
    const auto* credentials = object_member(body, "accessToken");
    if (credentials == nullptr)
        throw Error("the answer has no accessToken");
    return {.access_key_id = required_string(*credentials, "accessKeyId"),
            .secret_access_key = required_string(*credentials, "secretAccessKey"),
            .session_token = required_string(*credentials, "sessionToken"),
            .refresh_token = required_string(body, "refreshToken"),
            .expires_in = required_duration(body, "expiresIn")};
}

} // namespace nimbus::aws::signin
