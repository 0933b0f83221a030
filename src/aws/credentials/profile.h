#pragma once

#include "aws/credentials/context.h"
#include "aws/credentials/web_identity.h"

#include <optional>
#include <string>

namespace nimbus::aws {

/// Those of a profile in AWS's files, from the first that it has of: a role assumed by another
/// profile or by credential_source; a web identity (which `settings` may take from the environment,
/// without any profile); SSO; keys in the credentials file; login_session; credential_process; keys
/// in the config file. Nothing when it has none. Throws Error that names the profile and what is
/// wrong with it. The order is botocore's, 1.43, credentials.py.
std::optional<Credentials> profile_credentials(const ProviderContext& context,
                                               const std::string& name,
                                               WebIdentitySettings settings);

} // namespace nimbus::aws
