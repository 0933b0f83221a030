#pragma once

#include "base/time.h"
#include "sigv4/sigv4.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// Signature Version 2 as S3 takes it in a query, which botocore still makes unless it is told
/// otherwise. Verification only. Source: Amazon S3 User Guide, "Signing and authenticating REST
/// requests (AWS signature version 2)", query string request authentication.
namespace nimbus::sigv4::version2 {

struct Claim {
    std::string access_key_id;
    std::string expires; ///< seconds since the epoch, as sent
    SystemTime expires_at;
    std::string signature; ///< base64
    std::string session_token;
};

/// Does the query have a signature of this version, or a part of one?
bool is_claimed(const Request& request);

std::expected<Claim, Failure> parse_claim(const Request& request);

/// Checks the time and then the signature, in constant time. The path of `request` has to begin
/// with the bucket, whatever the client wrote.
std::expected<void, Failure> verify(const Claim& claim, const Request& request,
                                    std::string_view secret_access_key, SystemTime now);

/// What a form for an upload is signed with: HMAC-SHA1 in base64.
std::string signature(std::string_view secret_access_key, std::string_view text);

/// A parameter that signs the request and is no part of it: AWSAccessKeyId, Signature, Expires.
bool signs(std::string_view parameter);

} // namespace nimbus::sigv4::version2
