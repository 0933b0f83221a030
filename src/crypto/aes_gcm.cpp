#include "crypto/aes_gcm.h"

#include "base/error.h"
#include "base/random.h"

#include <climits>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace nimbus::crypto {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view data)
{
    return reinterpret_cast<const unsigned char*>(data.data());
}

unsigned char* bytes_of(std::string& data)
{
    return reinterpret_cast<unsigned char*>(data.data());
}

int length_of(std::string_view data)
{
    if (data.size() > INT_MAX)
        throw Error("A message to encrypt is larger than OpenSSL takes");
    return static_cast<int>(data.size());
}

void check(int result)
{
    if (result != 1)
        throw Error("OpenSSL does not encrypt with AES-256-GCM here");
}

Context new_context()
{
    Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    check(context ? 1 : 0);
    return context;
}

} // namespace

Aes256Gcm::Aes256Gcm(std::string_view key) : key_(key)
{
    if (key.size() != key_bytes)
        throw Error("A key for AES-256 has 32 bytes, not " + std::to_string(key.size()));
}

Aes256Gcm::~Aes256Gcm()
{
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::string Aes256Gcm::encrypt(std::string_view plaintext, std::string_view associated_data) const
{
    auto result = random_bytes(nonce_bytes);
    result.resize(nonce_bytes + plaintext.size() + tag_bytes);
    auto* const nonce = bytes_of(result);
    auto* const ciphertext = nonce + nonce_bytes;
    const auto context = new_context();
    int count = 0;
    check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), nonce));
    check(EVP_EncryptUpdate(context.get(), nullptr, &count, bytes_of(associated_data),
                            length_of(associated_data)));
    check(EVP_EncryptUpdate(context.get(), ciphertext, &count, bytes_of(plaintext),
                            length_of(plaintext)));
    check(EVP_EncryptFinal_ex(context.get(), ciphertext + count, &count));
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                              ciphertext + plaintext.size()));
    return result;
}

std::optional<std::string> Aes256Gcm::decrypt(std::string_view encrypted,
                                              std::string_view associated_data) const
{
    if (encrypted.size() < nonce_bytes + tag_bytes)
        return std::nullopt;
    const auto nonce = encrypted.substr(0, nonce_bytes);
    const auto ciphertext =
        encrypted.substr(nonce_bytes, encrypted.size() - nonce_bytes - tag_bytes);
    std::string tag(encrypted.substr(encrypted.size() - tag_bytes));
    std::string plaintext(ciphertext.size(), '\0');
    const auto context = new_context();
    int count = 0;
    check(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_),
                             bytes_of(nonce)));
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()));
    check(EVP_DecryptUpdate(context.get(), nullptr, &count, bytes_of(associated_data),
                            length_of(associated_data)));
    check(EVP_DecryptUpdate(context.get(), bytes_of(plaintext), &count, bytes_of(ciphertext),
                            length_of(ciphertext)));
    if (EVP_DecryptFinal_ex(context.get(), bytes_of(plaintext) + count, &count) != 1) {
        OPENSSL_cleanse(plaintext.data(), plaintext.size());
        return std::nullopt;
    }
    return plaintext;
}

} // namespace nimbus::crypto
