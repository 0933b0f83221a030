#pragma once

#include "aws/credentials.h"
#include "base/json.h"

#include <string>

/// Credentials in documents of JSON, which call their members differently.
namespace nimbus::aws {

struct CredentialNames {
    const char* access_key_id = "AccessKeyId";
    const char* secret_access_key = "SecretAccessKey";
    const char* session_token = "SessionToken";
    const char* expiration = "Expiration";
};

/// As STS writes them, and programs for credential_process.
inline constexpr CredentialNames sts_names{};
/// As the metadata services of instances and containers write them.
inline constexpr CredentialNames metadata_names{.session_token = "Token"};
/// As `aws login` keeps them.
inline constexpr CredentialNames login_names{.access_key_id = "accessKeyId",
                                             .secret_access_key = "secretAccessKey",
                                             .session_token = "sessionToken",
                                             .expiration = "expiresAt"};

/// Throws Error when keys are missing, or the time is none; `subject` is what it calls the
/// document.
Credentials credentials_from(const json::object& document, const CredentialNames& names,
                             const std::string& subject);

} // namespace nimbus::aws
