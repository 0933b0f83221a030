#include "aws/credentials/dpop.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nimbus::aws {
namespace {

std::string base64url_decode(std::string_view text)
{
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((4 - padded.size() % 4) % 4, '=');
    return base64_decode(padded).value_or("no base64url");
}

/// That the signature is right is a matter of EcdsaP256Key; tests/e2e has another library check it.
TEST(DpopProof, IsASignedTokenForOnePost)
{
    const auto key = crypto::EcdsaP256Key::from_pem(
        crypto::create_certificate_authority("test", std::chrono::days(1)).private_key_pem);
    const auto proof = dpop_proof(key, "https://eu-west-1.signin.aws.amazon.com/v1/token",
                                  from_unix_milliseconds(1'700'000'000'000), "id-1");
    const auto parts = split(proof, '.');
    ASSERT_EQ(parts.size(), 3U);
    const auto header = parse_json(base64url_decode(parts[0]), "header").as_object();
    EXPECT_EQ(header.at("typ"), "dpop+jwt");
    EXPECT_EQ(header.at("alg"), "ES256");
    const auto& jwk = header.at("jwk").as_object();
    EXPECT_EQ(jwk.at("kty"), "EC");
    EXPECT_EQ(jwk.at("crv"), "P-256");
    EXPECT_EQ(base64url_decode(std::string(jwk.at("x").as_string())), key.x());
    EXPECT_EQ(base64url_decode(std::string(jwk.at("y").as_string())), key.y());
    EXPECT_EQ(jwk.size(), 4U) << "not the private part";
    EXPECT_EQ(base64url_decode(parts[1]),
              R"({"htm":"POST","htu":"https://eu-west-1.signin.aws.amazon.com/v1/token",)"
              R"("iat":1700000000,"jti":"id-1"})");
    EXPECT_EQ(base64url_decode(parts[2]).size(), 64U);
}

} // namespace
} // namespace nimbus::aws
