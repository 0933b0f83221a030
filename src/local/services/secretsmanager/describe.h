#pragma once

#include "base/json.h"
#include "local/services/secretsmanager/secret.h"

#include <string_view>

namespace nimbus::local::secretsmanager_api {

/// A secret as DescribeSecret and ListSecrets show it, which call its versions by other names.
json::object describe(const Secret& secret, std::string_view versions_member);

} // namespace nimbus::local::secretsmanager_api
