#pragma once

#include "base/time.h"
#include "http/message.h"

#include <string>
#include <string_view>

namespace nimbus::aws {

/// Is this how AWS refuses a signature whose time may be the reason?
bool may_be_clock_skew(std::string_view error_code);

/// "This machine's clock is 20 minutes behind AWS's …", by the Date of AWS's answer; "" when the
/// two agree within four minutes, the limit that AWS's SDKs have, or the answer has no Date.
std::string clock_skew_hint(const http::Response& response, SystemTime now);

} // namespace nimbus::aws
