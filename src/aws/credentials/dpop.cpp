#include "aws/credentials/dpop.h"

#include "base/encoding.h"
#include "base/json.h"

namespace nimbus::aws {

std::string dpop_proof(const crypto::EcdsaP256Key& key, const std::string& url, SystemTime now,
                       const std::string& id)
{
    const json::object header{{"typ", "dpop+jwt"},
                              {"alg", "ES256"},
                              {"jwk", json::object{{"kty", "EC"},
                                                   {"crv", "P-256"},
                                                   {"x", base64url_encode(key.x())},
                                                   {"y", base64url_encode(key.y())}}}};
    const json::object claims{
        {"htm", "POST"}, {"htu", url}, {"iat", to_unix_seconds(now)}, {"jti", id}};
    const auto signed_part =
        base64url_encode(compact_json(header)) + "." + base64url_encode(compact_json(claims));
    return signed_part + "." + base64url_encode(key.sign(signed_part));
}

} // namespace nimbus::aws
