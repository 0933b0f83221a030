#pragma once

#include "sigv4/sigv4.h"

#include <optional>
#include <string>

namespace nimbus::detail {

/// A variable of the environment, unless it is empty.
std::optional<std::string> environment_variable(const std::string& name);

/// The file that the program is to write what it declares to; nothing when it is to serve. A
/// program that describes itself has no resources yet.
std::optional<std::string> manifest_out();

/// The variables of a declared resource begin with this: "SQL", "main-db" gives SQL_MAIN_DB_.
std::string variable_prefix(const std::string& kind, const std::string& name);

/// The function's own credentials, which Lambda puts into AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Nothing when one of the first two is missing.
std::optional<sigv4::Credentials> environment_credentials();

} // namespace nimbus::detail
