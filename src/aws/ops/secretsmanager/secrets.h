#pragma once

#include "aws/api_error.h"
#include "aws/operation.h"
#include "base/random.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <vector>

/// Secrets Manager: secrets. `secret_id` may be a name or an ARN. Errors worth knowing, all with
/// status 400: ResourceNotFoundException (no such secret, or no value in it yet),
/// ResourceExistsException, InvalidRequestException (among others: the secret waits for its
/// deletion), InvalidParameterException, EncryptionFailure, DecryptionFailure,
/// LimitExceededException.
namespace nimbus::aws::secretsmanager {

/// The staging label of the version that GetSecretValue gives; a secret without it has no value.
inline constexpr std::string_view current_stage = "AWSCURRENT";

/// Version ids, and the staging labels of each.
using VersionStages = std::map<std::string, std::vector<std::string>>;

struct Secret {
    std::string arn; ///< ends in six random characters, others after the secret was made anew
    std::string name;
    std::string description;
    std::string kms_key_id; ///< empty: the account's aws/secretsmanager
    Tags tags;
    std::optional<SystemTime> created_date;
    std::optional<SystemTime> last_changed_date;
    /// Only of a secret that waits for its deletion. DescribeSecret's documentation calls it the
    /// day that it will be deleted, ListSecrets' the day that this was asked for.
    std::optional<SystemTime> deleted_date;
    VersionStages version_stages;

    bool has_value() const;
    bool waits_for_deletion() const noexcept { return deleted_date.has_value(); }
};

/// What most operations answer.
struct SecretId {
    std::string arn;
    std::string name;
    std::string version_id; ///< of the value that was set; empty: none was
};

struct CreateSecret {
    /// The name is unique: a repeat gives ResourceExistsException, or what is there when token and
    /// value are the same.
    static constexpr OperationInfo info{services::secretsmanager, "CreateSecret", Effect::change};

    std::string name; ///< letters, digits and /_+=.@-, at most 512
    std::string description;
    std::string kms_key_id;
    Tags tags;
    std::string client_request_token = random_uuid(); ///< 32 to 64 characters; the version's id
    /// Its value, text or bytes, or neither: 1 to 65,536 bytes.
    std::optional<std::string> secret_string;
    std::optional<std::string> secret_binary;

    using Response = SecretId;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DescribeSecret {
    static constexpr OperationInfo info{services::secretsmanager, "DescribeSecret", Effect::read};

    std::string secret_id;

    using Response = Secret;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is absent stays as it is; the value is PutSecretValue's.
struct UpdateSecret {
    static constexpr OperationInfo info{services::secretsmanager, "UpdateSecret", Effect::change};

    std::string secret_id;
    std::optional<std::string> description;
    std::optional<std::string> kms_key_id; ///< empty: the account's aws/secretsmanager
    std::string client_request_token = random_uuid();

    using Response = SecretId;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteSecret {
    static constexpr OperationInfo info{services::secretsmanager, "DeleteSecret", Effect::change};

    std::string secret_id;
    /// Until then RestoreSecret brings it back: 7 to 30 days; absent: 30.
    std::optional<int> recovery_window_in_days;
    /// At once and for ever; not together with a window. Not an error when there is no such secret.
    bool force_delete_without_recovery = false;

    struct Response {
        std::string arn;
        std::string name;
        std::optional<SystemTime> deletion_date; ///< the end of the window
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Takes a deletion back; does nothing to a secret that does not wait for one.
struct RestoreSecret {
    static constexpr OperationInfo info{services::secretsmanager, "RestoreSecret", Effect::change};

    std::string secret_id;

    using Response = SecretId;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated. May lag five minutes behind; DescribeSecret does not.
struct ListSecrets {
    static constexpr OperationInfo info{services::secretsmanager, "ListSecrets", Effect::read};

    struct Filter {
        std::string key; ///< name, tag-key, tag-value, description, …: what begins with a value
        std::vector<std::string> values;
    };

    std::vector<Filter> filters; ///< all of them have to match, each by one of its values
    bool include_planned_deletion = false;
    int max_results = 0; ///< 1 to 100; 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Secret> secrets;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Was a call refused because the secret waits for its deletion? InvalidRequestException is thrown
/// for other reasons, too, and only the message tells: "… because it was marked for deletion.",
/// "… with this name is already scheduled for deletion.", "… that's currently marked deleted.".
bool is_waiting_for_deletion(const ApiError& error) noexcept;

} // namespace nimbus::aws::secretsmanager
