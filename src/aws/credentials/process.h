#pragma once

#include "aws/credentials.h"

#include <string>

namespace nimbus::aws {

/// Runs `command` in a shell, for at most a minute, and reads the credentials that it writes to
/// its standard output as JSON. Throws Error that names the profile. Source: AWS SDKs and Tools
/// Reference Guide, "Process credential provider".
Credentials credentials_from_process(const std::string& command, const std::string& profile);

} // namespace nimbus::aws
