#pragma once

#include "aws/credentials.h"
#include "aws/endpoints.h"
#include "aws/environment.h"

#include <memory>
#include <string>

namespace nimbus::http {
class Client;
}

/// Where a person's AWS settings come from, in the order of AWS's own tools. Source: AWS SDKs and
/// Tools Reference Guide, "Shared config and credentials files" and "Settings reference".
namespace nimbus::aws {

struct ChainOptions {
    /// Empty: AWS_PROFILE, else `default`. When given, it goes before keys in the environment.
    std::string profile;
    Environment environment = process_environment();
    Clock clock = system_now;
    std::string region; ///< for STS; empty: find_region
    EndpointOverrides endpoints;
};

/// 1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
/// 2. the profile, from AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE
///    (~/.aws/credentials): role_arn with source_profile or credential_source = Environment (STS
///    AssumeRole), keys, credential_process.
/// Nothing is read before the first use; the source throws Error with a hint if there is nothing to
/// be found, and names what it does not support (SSO: use `aws configure export-credentials`).
CredentialSource credential_chain(std::shared_ptr<http::Client> http, ChainOptions options = {});

/// AWS_REGION, AWS_DEFAULT_REGION, or the profile's `region`; empty if none says it.
std::string find_region(const std::string& profile = {},
                        const Environment& environment = process_environment());

} // namespace nimbus::aws
