#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::http {
class Client;
}

namespace nimbus::aws {

/// Those of the container that this runs in (ECS, EKS Pod Identity, CodeBuild, CloudShell):
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI at 169.254.170.2, or AWS_CONTAINER_CREDENTIALS_FULL_URI;
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which is read each time, or
/// AWS_CONTAINER_AUTHORIZATION_TOKEN. Nothing when neither URI is set; throws Error when a URI is
/// refused, or nobody answers there. Source: AWS SDKs and Tools Reference Guide, "Container
/// credential provider".
std::optional<Credentials> container_credentials(const std::shared_ptr<http::Client>& http,
                                                 const Environment& environment);

/// May keys be fetched from there? Over TLS from anywhere; without it from this machine and from
/// the addresses of ECS and EKS: nobody else can read along.
bool is_allowed_container_uri(std::string_view uri);

} // namespace nimbus::aws
