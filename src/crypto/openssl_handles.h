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

} // namespace nimbus::crypto
