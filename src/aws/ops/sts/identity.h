#pragma once

#include "aws/operation.h"
#include "base/time.h"

/// STS: who is calling, and becoming somebody else.
namespace nimbus::aws::sts {

struct GetCallerIdentity {
    static constexpr OperationInfo info{services::sts, "GetCallerIdentity", Effect::read};

    struct Response {
        std::string account; ///< 12 digits
        std::string arn;
        std::string user_id;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What a role that was assumed gives.
struct AssumedRole {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    SystemTime expiration;
    std::string assumed_role_arn; ///< arn:aws:sts::<account>:assumed-role/<role>/<session>
};

/// Issues temporary credentials; changes nothing.
struct AssumeRole {
    static constexpr OperationInfo info{services::sts, "AssumeRole", Effect::read};

    std::string role_arn;
    std::string role_session_name;
    std::string external_id;
    int duration_seconds = 0;  ///< 0: AWS's default, one hour
    std::string serial_number; ///< of an MFA device, where the role's trust policy wants one
    std::string token_code;    ///< what the device shows

    using Response = AssumedRole;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// The same for who has a token of an identity provider, such as GitHub's, in place of AWS's keys.
struct AssumeRoleWithWebIdentity {
    static constexpr OperationInfo info{services::sts, "AssumeRoleWithWebIdentity", Effect::read,
                                        Signing::none};

    std::string role_arn;
    std::string role_session_name;
    std::string web_identity_token;

    using Response = AssumedRole;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::sts
