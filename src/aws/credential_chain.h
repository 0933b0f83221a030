#pragma once

#include "aws/credentials.h"
#include "aws/credentials/mfa.h"
#include "aws/endpoints.h"
#include "aws/environment.h"

#include <memory>
#include <string>

namespace nimbus::http {
class Client;
}

/// Where a person's AWS credentials come from, in the order of AWS's own tools. Source: AWS SDKs
/// and Tools Reference Guide, "Standardized credential providers"; botocore 1.43, credentials.py.
namespace nimbus::aws {

struct ChainOptions {
    /// Empty: AWS_PROFILE, else `default`. When given, it goes before what the environment says.
    std::string profile;
    Environment environment = process_environment();
    Clock clock = system_now;
    std::string region; ///< of the calls that signing in takes; empty: find_region
    EndpointSettings endpoints;
    std::shared_ptr<MfaPrompt> mfa = std::make_shared<MfaPrompt>();
};

/// The first that there is of:
/// 1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
/// 2. the profile: a role (role_arn with source_profile or credential_source), a web identity, also
///    that of AWS_WEB_IDENTITY_TOKEN_FILE, SSO, keys in the credentials file, login_session,
///    credential_process, keys in the config file;
/// 3. the container's (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI);
/// 4. the EC2 instance's role.
/// Nothing is read before the first use; the files are read again for each renewal. The source
/// throws Error: one that was found fails, or there is none, and then it names all places.
CredentialSource credential_chain(std::shared_ptr<http::Client> http, ChainOptions options = {});

} // namespace nimbus::aws
