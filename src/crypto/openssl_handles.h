#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>

/// What OpenSSL gives and wants back, owned.
namespace nimbus::crypto {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const
    {
        Free(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>>;
using Mac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;

} // namespace nimbus::crypto
