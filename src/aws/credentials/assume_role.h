#pragma once

#include "aws/credentials/context.h"

#include <functional>
#include <string>

namespace nimbus::aws {

/// Who assumes a role.
struct RoleSource {
    std::string name;                 ///< for people: "profile 'base'"
    std::function<Credentials()> get; ///< asked only when a call is needed
};

/// Those of the profile's role_arn, with external_id, role_session_name, duration_seconds. With
/// mfa_serial a person is asked for a code, and the session is kept until it has less than 15
/// minutes left. Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider".
Credentials role_credentials(const ProviderContext& context, const std::string& name,
                             const Profile& profile, const RoleSource& source);

} // namespace nimbus::aws
