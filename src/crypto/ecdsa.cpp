#include "crypto/ecdsa.h"

#include "base/error.h"
#include "crypto/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

namespace nimbus::crypto {
namespace {

using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

constexpr int coordinate_bytes = 32;

void check(bool ok)
{
    if (!ok)
        throw Error("OpenSSL could not sign with an ECDSA key");
}

/// A key with a passphrase is none: nobody is asked for it.
int no_passphrase(char*, int, int, void*)
{
    return -1;
}

bool is_p256(const EVP_PKEY* key)
{
    std::array<char, 64> name{};
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
           std::string_view(name.data()) == SN_X9_62_prime256v1;
}

std::string padded(const BIGNUM* number)
{
    std::string bytes(coordinate_bytes, '\0');
    check(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), coordinate_bytes) ==
          coordinate_bytes);
    return bytes;
}

std::string coordinate(const EVP_PKEY* key, const char* name)
{
    BIGNUM* number = nullptr;
    check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    return padded(Number(number).get());
}

} // namespace

struct EcdsaP256Key::Impl {
    Key key;
};

EcdsaP256Key::EcdsaP256Key(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EcdsaP256Key::EcdsaP256Key(EcdsaP256Key&&) noexcept = default;
EcdsaP256Key& EcdsaP256Key::operator=(EcdsaP256Key&&) noexcept = default;
EcdsaP256Key::~EcdsaP256Key() = default;

EcdsaP256Key EcdsaP256Key::from_pem(const std::string& pem)
{
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key || !is_p256(key.get()))
        throw Error("the key is no private key of the curve P-256");
    return EcdsaP256Key(std::make_unique<Impl>(Impl{std::move(key)}));
}

std::string EcdsaP256Key::x() const
{
    return coordinate(impl_->key.get(), OSSL_PKEY_PARAM_EC_PUB_X);
}

std::string EcdsaP256Key::y() const
{
    return coordinate(impl_->key.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
}

std::string EcdsaP256Key::sign(std::string_view data) const
{
    const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
    const Context context(EVP_MD_CTX_new());
    check(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) == 1);
    std::size_t length = 0;
    check(EVP_DigestSign(context.get(), nullptr, &length, bytes, data.size()) == 1);
    std::string der(length, '\0');
    auto* begin = reinterpret_cast<unsigned char*>(der.data());
    check(EVP_DigestSign(context.get(), begin, &length, bytes, data.size()) == 1);
    const unsigned char* position = begin;
    const Signature signature(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(length)));
    check(signature != nullptr);
    return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

} // namespace nimbus::crypto
