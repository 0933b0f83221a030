#pragma once

#include "aws/client.h"
#include "aws/credentials/mfa.h"
#include "aws/shared_config.h"

#include <memory>
#include <string>

namespace nimbus::aws {

/// What the providers of credentials work with.
struct ProviderContext {
    std::shared_ptr<http::Client> http;
    Environment environment;
    Clock clock;
    SharedConfig config;
    std::string region; ///< of the calls to come; empty: nobody named one
    EndpointSettings endpoints;
    std::shared_ptr<MfaPrompt> mfa;
};

ClientOptions client_options(const ProviderContext& context, const std::string& region);

/// For calls to `region`; those of operations that are signed need `credentials`.
Client client_for(const ProviderContext& context, const std::string& region,
                  CredentialSource credentials = fixed_credentials({}));

/// The context's Region, else the profile's, else one of the partition of `role_arn`.
std::string region_for(const ProviderContext& context, const Profile& profile,
                       const std::string& role_arn = {});

/// "nimbus-1700000000": of a role's session that nobody has named.
std::string default_session_name(const ProviderContext& context);

} // namespace nimbus::aws
