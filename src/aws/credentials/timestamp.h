#pragma once

#include "base/time.h"

#include <optional>
#include <string_view>

namespace nimbus::aws {

/// A time as AWS's tools and programs of people write when credentials expire: ISO 8601 with `Z`,
/// with `UTC` (the AWS CLI), or with an offset such as +02:00.
std::optional<SystemTime> parse_timestamp(std::string_view text);

} // namespace nimbus::aws
