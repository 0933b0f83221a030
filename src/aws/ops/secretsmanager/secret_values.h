#pragma once

#include "aws/operation.h"
#include "base/random.h"
#include "base/time.h"

#include <optional>
#include <vector>

/// Secrets Manager: values of secrets. A value is text or bytes, 1 to 65,536 bytes.
namespace nimbus::aws::secretsmanager {

/// A secret without a value gives ResourceNotFoundException, as one that does not exist does.
struct GetSecretValue {
    static constexpr OperationInfo info{services::secretsmanager, "GetSecretValue", Effect::read};

    std::string secret_id;
    std::string version_id;
    std::string version_stage; ///< empty, and no id: AWSCURRENT

    struct Response {
        std::string arn;
        std::string name;
        std::string version_id;
        std::optional<std::string> secret_string;
        std::optional<std::string> secret_binary;
        std::vector<std::string> version_stages;
        std::optional<SystemTime> created_date;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// The version before becomes AWSPREVIOUS.
struct PutSecretValue {
    /// The token names the version: a repeat with the same value makes no second one, and one with
    /// another value is refused (ResourceExistsException).
    static constexpr OperationInfo info{services::secretsmanager, "PutSecretValue", Effect::change};

    std::string secret_id;
    std::string client_request_token = random_uuid(); ///< 32 to 64 characters; the version's id
    std::optional<std::string> secret_string;         ///< one of the two
    std::optional<std::string> secret_binary;

    struct Response {
        std::string arn;
        std::string name;
        std::string version_id;
        std::vector<std::string> version_stages;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::secretsmanager
