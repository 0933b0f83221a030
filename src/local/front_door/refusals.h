#pragma once

#include "local/services/service.h"
#include "sigv4/sigv4.h"

/// AWS's own words for requests that don't get as far as an operation, which differ by protocol.
/// Source: AWS "Common errors" pages of IAM, Lambda and CloudWatch Logs; Amazon S3 API Reference,
/// "Error responses".
namespace nimbus::local {

ServiceError signature_refusal(const sigv4::Failure& failure, sigv4::Form form, Protocol protocol);
ServiceError unknown_key_refusal(Protocol protocol);
ServiceError wrong_token_refusal(Protocol protocol);
ServiceError expired_token_refusal(Protocol protocol);
/// S3's alone.
ServiceError unsigned_headers_refusal(const std::string& names);
ServiceError access_refusal(const std::string& explanation, Protocol protocol);

} // namespace nimbus::local
