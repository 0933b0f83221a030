#pragma once

#include "aws/operation.h"

#include <chrono>

/// AWS Sign-In: credentials of a sign-in with `aws login`.
namespace nimbus::aws::signin {

/// The path of CreateOAuth2Token, which the proof names.
inline constexpr std::string_view token_path = "/v1/token";

/// New credentials for a refresh token (grant type refresh_token; the other needs a browser).
struct CreateOAuth2Token {
    static constexpr OperationInfo info{services::signin, "CreateOAuth2Token", Effect::change_once,
                                        Signing::none};

    std::string client_id;
    std::string refresh_token;
    std::string dpop_proof; ///< RFC 9449; good for one request

    struct Response {
        std::string access_key_id;
        std::string secret_access_key;
        std::string session_token;
        std::string refresh_token;
        std::chrono::seconds expires_in;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::signin
