#pragma once

#include "aws/credentials/context.h"

#include <optional>

namespace nimbus::aws {

/// Where the settings of a web identity may stand.
enum class WebIdentitySettings { profile_only, environment_first };

/// Those of a role that trusts an identity provider, such as GitHub's or that of an EKS cluster,
/// for the token in a file, which is read each time: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and
/// AWS_ROLE_SESSION_NAME, each else of the profile (web_identity_token_file, role_arn,
/// role_session_name). Nothing where no file is named. Source: AWS SDKs and Tools Reference Guide,
/// "Assume role credential provider".
std::optional<Credentials> web_identity_credentials(const ProviderContext& context,
                                                    const std::string& name, const Profile& profile,
                                                    WebIdentitySettings settings);

} // namespace nimbus::aws
