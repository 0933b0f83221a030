#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace nimbus::crypto {

/// A private key for ECDSA on the curve P-256 with SHA-256: ES256 (RFC 7518 section 3.4).
class EcdsaP256Key {
public:
    /// Reads a PEM file's text, "EC PRIVATE KEY" (SEC 1) or "PRIVATE KEY" (PKCS #8). Throws Error
    /// when it is none, or of another curve.
    static EcdsaP256Key from_pem(const std::string& pem);

    EcdsaP256Key(EcdsaP256Key&&) noexcept;
    EcdsaP256Key& operator=(EcdsaP256Key&&) noexcept;
    ~EcdsaP256Key();

    /// The public key, as coordinates of 32 bytes.
    std::string x() const;
    std::string y() const;

    /// r and s, 32 bytes each: the form of JOSE, not that of X.509.
    std::string sign(std::string_view data) const;

private:
    struct Impl;
    explicit EcdsaP256Key(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::crypto
