#include "crypto/digest.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "crypto/openssl_handles.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>

namespace nimbus::crypto {
namespace {

const unsigned char* bytes_of(std::string_view data)
{
    return reinterpret_cast<const unsigned char*>(data.data());
}

unsigned char* bytes_of(std::string& data)
{
    return reinterpret_cast<unsigned char*>(data.data());
}

void require(bool is_done, const char* algorithm)
{
    if (!is_done)
        throw Error(std::string("This OpenSSL does not provide ") + algorithm);
}

// OpenSSL looks an algorithm up under locks, which takes as long as hashing a request: once is
// enough.

const EVP_MD* sha256_algorithm()
{
    static const Digest algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    return algorithm.get();
}

/// Without a key: to be copied.
const EVP_MAC_CTX* hmac_algorithm()
{
    static const MacContext context = [] {
        const Mac algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
        MacContext empty(EVP_MAC_CTX_new(algorithm.get()));
        std::string digest = "SHA256"; // OpenSSL wants to be able to write to it
        const std::array parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        require(empty && EVP_MAC_CTX_set_params(empty.get(), parameters.data()) == 1,
                "HMAC with SHA-256");
        return empty;
    }();
    return context.get();
}

} // namespace

std::string sha256(std::string_view data)
{
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    require(EVP_Digest(data.data(), data.size(), bytes_of(digest), nullptr, sha256_algorithm(),
                       nullptr) == 1,
            "SHA-256");
    return digest;
}

std::string sha256_hex(std::string_view data)
{
    return hex_encode(sha256(data));
}

std::string sha256_hex_of_file(const std::filesystem::path& path)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw_system_error(errno, "Cannot read '" + path.string() + "'");
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw_system_error(errno, "Cannot read '" + path.string() + "'");
        if (got == 0)
            break;
        EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(got));
    }
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    EVP_DigestFinal_ex(context.get(), bytes_of(digest), nullptr);
    return hex_encode(digest);
}

std::string sha1_hex(std::string_view data)
{
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(bytes_of(data), data.size(), bytes_of(digest));
    return hex_encode(digest);
}

std::string md5(std::string_view data)
{
    std::string digest(16, '\0');
    if (EVP_Digest(data.data(), data.size(), bytes_of(digest), nullptr, EVP_md5(), nullptr) != 1)
        throw Error("This OpenSSL does not provide MD5, which S3's ETags need");
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view data)
{
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    const MacContext context(EVP_MAC_CTX_dup(hmac_algorithm()));
    require(context && EVP_MAC_init(context.get(), bytes_of(key), key.size(), nullptr) == 1 &&
                EVP_MAC_update(context.get(), bytes_of(data), data.size()) == 1 &&
                EVP_MAC_final(context.get(), bytes_of(digest), nullptr, digest.size()) == 1,
            "HMAC with SHA-256");
    return digest;
}

std::string hmac_sha1(std::string_view key, std::string_view data)
{
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    require(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(),
                 bytes_of(digest), nullptr) != nullptr,
            "HMAC with SHA-1");
    return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace nimbus::crypto
