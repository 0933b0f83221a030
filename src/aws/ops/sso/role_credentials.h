#pragma once

#include "aws/operation.h"
#include "base/time.h"

/// IAM Identity Center's portal: credentials for the roles that a person was given.
namespace nimbus::aws::sso {

struct GetRoleCredentials {
    static constexpr OperationInfo info{services::sso, "GetRoleCredentials", Effect::read,
                                        Signing::none};

    std::string role_name;
    std::string account_id;
    std::string access_token; ///< of `aws sso login`

    struct Response {
        std::string access_key_id;
        std::string secret_access_key;
        std::string session_token;
        std::optional<SystemTime> expiration;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::sso
