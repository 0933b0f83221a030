#include "base/error.h"
#include "crypto/certificate.h"
#include "crypto/ecdsa.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace nimbus::crypto {
namespace {

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string new_key()
{
    return create_certificate_authority("test", std::chrono::days(1)).private_key_pem;
}

std::shared_ptr<EVP_PKEY> openssl_key(const std::string& pem)
{
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr),
                                  EVP_PKEY_free);
    BIO_free(bio);
    return key;
}

/// "EC PRIVATE KEY", as the AWS CLI writes it.
std::string sec1_form(const std::string& pem)
{
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey_traditional(bio, openssl_key(pem).get(), nullptr, nullptr, 0, nullptr,
                                         nullptr);
    char* data = nullptr;
    const auto length = static_cast<std::size_t>(BIO_get_mem_data(bio, &data));
    std::string text(data, length);
    BIO_free(bio);
    return text;
}

bool verifies(const std::string& pem, std::string_view data, std::string_view signature)
{
    ECDSA_SIG* pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(bytes_of(signature), 32, nullptr),
                   BN_bin2bn(bytes_of(signature.substr(32)), 32, nullptr));
    unsigned char* der = nullptr;
    const auto length = static_cast<std::size_t>(i2d_ECDSA_SIG(pair, &der));
    ECDSA_SIG_free(pair);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, openssl_key(pem).get());
    const bool right = EVP_DigestVerify(context, der, length, bytes_of(data), data.size()) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    return right;
}

TEST(EcdsaP256, MakesSignaturesOf64BytesThatVerify)
{
    const auto pem = new_key();
    const auto key = EcdsaP256Key::from_pem(pem);
    for (int i = 0; i < 100; ++i) { // now and then r or s is short and has to be padded
        const auto data = "data " + std::to_string(i);
        const auto signature = key.sign(data);
        ASSERT_EQ(signature.size(), 64U);
        EXPECT_TRUE(verifies(pem, data, signature)) << data;
        EXPECT_FALSE(verifies(pem, data + "!", signature)) << data;
    }
}

TEST(EcdsaP256, ReadsBothFormsOfPem)
{
    const auto pem = new_key();
    const auto sec1 = sec1_form(pem);
    ASSERT_TRUE(sec1.starts_with("-----BEGIN EC PRIVATE KEY-----")) << "not the other form";
    const auto key = EcdsaP256Key::from_pem(pem);
    const auto twin = EcdsaP256Key::from_pem(sec1);
    EXPECT_EQ(key.x().size(), 32U);
    EXPECT_EQ(key.y().size(), 32U);
    EXPECT_EQ(key.x(), twin.x());
    EXPECT_EQ(key.y(), twin.y());
    EXPECT_TRUE(verifies(pem, "data", twin.sign("data")));
}

TEST(EcdsaP256, RefusesWhatIsNoSuchKey)
{
    BIO* bio = BIO_new(BIO_s_mem());
    EVP_PKEY* other_curve = EVP_EC_gen("P-384");
    PEM_write_bio_PKCS8PrivateKey(bio, other_curve, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto length = static_cast<std::size_t>(BIO_get_mem_data(bio, &data));
    const std::string p384(data, length);
    EVP_PKEY_free(other_curve);
    BIO_free(bio);
    for (const auto& text : {std::string(), std::string("no PEM"), p384,
                             std::string("-----BEGIN EC PRIVATE KEY-----\nAAAA\n"
                                         "-----END EC PRIVATE KEY-----\n")})
        EXPECT_THROW(EcdsaP256Key::from_pem(text), Error) << text;
}

} // namespace
} // namespace nimbus::crypto
