#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"

namespace nimbus::aws {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (AWS_SECURITY_TOKEN is its old name)
/// and AWS_CREDENTIAL_EXPIRATION; nothing without the first. Throws Error when the second is
/// missing.
std::optional<Credentials> credentials_of_environment(const Environment& environment);

} // namespace nimbus::aws
