#pragma once

#include "base/time.h"
#include "crypto/ecdsa.h"

#include <string>

namespace nimbus::aws {

/// Proves for one POST to `url` that its sender has the key that a refresh token is bound to: a JWT
/// signed with ES256. `id` is different each time. Source: RFC 9449 section 4.2.
std::string dpop_proof(const crypto::EcdsaP256Key& key, const std::string& url, SystemTime now,
                       const std::string& id);

} // namespace nimbus::aws
