#pragma once

#include "aws/credentials.h"
#include "base/time.h"

#include <chrono>
#include <string>

namespace nimbus::aws {

/// A profile's credential_process.
struct CredentialProcess {
    std::string command;
    std::string profile; ///< its name
    std::string file;    ///< where it says so
    std::chrono::seconds time_limit{60};
};

/// Runs the command in a shell, and reads the credentials that it writes to its standard output as
/// JSON. Throws Error that names profile and file when it fails, does not end in time, or writes
/// none that are good at `now`. Source: AWS SDKs and Tools Reference Guide, "Process credential
/// provider".
Credentials credentials_from_process(const CredentialProcess& process, SystemTime now);

} // namespace nimbus::aws
