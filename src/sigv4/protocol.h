#pragma once

#include "sigv4/sigv4.h"

#include <string>
#include <string_view>

/// What both directions of the protocol spell and compute alike.
namespace nimbus::sigv4::detail {

inline constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view terminator = "aws4_request";
inline constexpr std::string_view signature_parameter = "X-Amz-Signature";

/// The signature of `request` from its canonical form on.
std::string sign(const Request& request, const std::vector<std::string>& signed_headers,
                 std::string_view payload_hash, std::string_view signing_key, const Scope& scope,
                 std::string_view amz_date);

/// From `keys`, where there are some, else made.
std::string signing_key_from(SigningKeys* keys, std::string_view secret_access_key,
                             const Scope& scope);

} // namespace nimbus::sigv4::detail
