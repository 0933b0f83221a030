#pragma once

#include "http/message.h"

#include <optional>
#include <string>

namespace nimbus::aws {

/// The answer is a web page of somebody else's: a proxy's, or that of a network that one has to
/// sign in to. AWS's own answers have a request id, also those that hold a page (an S3 object).
bool is_web_page(const http::Response& response);

/// "a web page, 'Access denied' (HTTP status 403)"
std::string describe_web_page(const http::Response& response);

} // namespace nimbus::aws
