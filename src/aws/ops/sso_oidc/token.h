#pragma once

#include "aws/operation.h"

#include <chrono>

/// IAM Identity Center's OIDC service: tokens of a sign-in with `aws sso login`.
namespace nimbus::aws::sso_oidc {

/// A new access token for a refresh token (grant type refresh_token; the others need a browser).
struct CreateToken {
    static constexpr OperationInfo info{services::sso_oidc, "CreateToken", Effect::change_once,
                                        Signing::none};

    std::string client_id;
    std::string client_secret;
    std::string refresh_token;

    struct Response {
        std::string access_token;
        std::string refresh_token; ///< empty: the old one stays good
        std::chrono::seconds expires_in;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::sso_oidc
