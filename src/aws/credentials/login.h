#pragma once

#include "aws/credentials/context.h"

namespace nimbus::aws {

/// The credentials that `aws login` has put into ~/.aws/login/cache (AWS_LOGIN_CACHE_DIRECTORY) for
/// the profile's login_session. With less than five minutes left they are renewed at AWS Sign-In,
/// with a proof that this machine has the session's key, and kept there. Throws Error that says how
/// to sign in again. Source: botocore 1.43, credentials.py and utils.py.
Credentials login_credentials(const ProviderContext& context, const std::string& name,
                              const Profile& profile);

} // namespace nimbus::aws
