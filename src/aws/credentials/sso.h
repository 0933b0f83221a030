#pragma once

#include "aws/credentials/context.h"

namespace nimbus::aws {

/// Does the profile take its credentials from IAM Identity Center?
bool uses_sso(const Profile& profile);

/// Those of the role that the profile names, by the sign-in of `aws sso login`. Throws Error that
/// names the profile and what to do. Source: AWS SDKs and Tools Reference Guide, "IAM Identity
/// Center credential provider".
Credentials sso_credentials(const ProviderContext& context, const std::string& name,
                            const Profile& profile);

} // namespace nimbus::aws
