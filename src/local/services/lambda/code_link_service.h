#pragma once

#include "local/services/lambda/lambda_service.h"

#include <string>

namespace nimbus::local {

/// A presigned link to a function's zip, as GetFunction gives it: for ten minutes, by the key that
/// signed the call. Whoever has it needs no permission.
std::string code_link(const LambdaParts& parts, const Call& call, const std::string& code_sha256);

/// What these links lead to. AWS has buckets of Lambda's own in that place, which nobody else sees.
Service make_code_link_service(BlobStore& code);

} // namespace nimbus::local
