#pragma once

#include "aws/environment.h"

#include <string>
#include <string_view>

namespace nimbus::aws {

/// A path that one of AWS's variables names, as botocore takes it: `$NAME` and `${NAME}` stand for
/// variables that are set, then a leading `~` for the home directory.
std::string expanded_path(std::string_view path, const Environment& environment);

} // namespace nimbus::aws
