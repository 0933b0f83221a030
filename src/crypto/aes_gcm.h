#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nimbus::crypto {

/// Authenticated encryption: AES-256 in Galois/Counter Mode (NIST SP 800-38D). Thread-safe.
class Aes256Gcm {
public:
    static constexpr std::size_t key_bytes = 32;

    /// Throws Error when the key has another length. The key is wiped from memory at the end.
    explicit Aes256Gcm(std::string_view key);
    ~Aes256Gcm();
    Aes256Gcm(const Aes256Gcm&) = delete;
    Aes256Gcm& operator=(const Aes256Gcm&) = delete;

    /// The nonce (12 bytes, new each time), the ciphertext and the tag (16 bytes). One key is good
    /// for 2^32 messages. `associated_data` is not part of the result; it has to be the same again
    /// to decrypt.
    std::string encrypt(std::string_view plaintext, std::string_view associated_data) const;

    /// Nothing when the key or the associated data are others, or a byte was changed.
    std::optional<std::string> decrypt(std::string_view encrypted,
                                       std::string_view associated_data) const;

private:
    std::string key_;
};

} // namespace nimbus::crypto
