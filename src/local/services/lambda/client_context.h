#pragma once

#include <string>
#include <string_view>

namespace nimbus::local {

/// What a runtime gets in Lambda-Runtime-Client-Context for an X-Amz-Client-Context: the JSON
/// object that the caller wrote in base64, on one line of ASCII, as a header needs it. Empty for an
/// empty one. Throws ServiceError when it is none, or when it is over 3,583 bytes. Source: AWS
/// Lambda API Reference, Invoke, and Lambda Developer Guide, "Using the Lambda runtime API".
std::string client_context(std::string_view header);

} // namespace nimbus::local
