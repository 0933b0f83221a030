#include "base/error.h"
#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace nimbus::crypto {
namespace {

std::shared_ptr<X509> parse(const std::string& pem)
{
    const std::shared_ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                   BIO_free);
    return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

TEST(Certificate, IsTrustedThroughItsAuthorityForItsNamesOnly)
{
    const auto authority = create_certificate_authority("Test CA", std::chrono::days(10));
    const auto server = issue_server_certificate(authority, "server",
                                                 {{"*.example.test", "localhost"}, {"127.1.2.3"}},
                                                 std::chrono::days(5));
    const auto leaf = parse(server.certificate_pem);
    const auto root = parse(authority.certificate_pem);
    ASSERT_TRUE(leaf && root);

    const std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
    X509_STORE_add_cert(store.get(), root.get());
    const std::shared_ptr<X509_STORE_CTX> context(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    EXPECT_EQ(X509_verify_cert(context.get()), 1)
        << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));

    EXPECT_EQ(X509_check_host(leaf.get(), "a.example.test", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(leaf.get(), "example.test", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.1.2.3", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.1.2.4", 0), 0);
}

TEST(Certificate, AnAuthoritysFaultIsNamed)
{
    const auto sound = create_certificate_authority("Test CA", std::chrono::days(10));
    const auto other = create_certificate_authority("Test CA", std::chrono::days(10));
    const auto old = create_certificate_authority("Test CA", std::chrono::days(-1));
    const auto server = issue_server_certificate(sound, "server", {}, std::chrono::days(5));
    EXPECT_EQ(fault_of_authority(sound), "");
    EXPECT_EQ(fault_of_authority({.certificate_pem = "", .private_key_pem = "x"}),
              "has a certificate that cannot be read");
    EXPECT_EQ(
        fault_of_authority({.certificate_pem = sound.certificate_pem, .private_key_pem = "x"}),
        "has a key that cannot be read");
    EXPECT_EQ(fault_of_authority({.certificate_pem = sound.certificate_pem,
                                  .private_key_pem = other.private_key_pem}),
              "has a key that is not its certificate's");
    EXPECT_EQ(fault_of_authority(server), "has a certificate that is not an authority's");
    EXPECT_EQ(fault_of_authority(old), "has expired");
}

TEST(Certificate, NeedsAReadableAuthority)
{
    EXPECT_THROW(issue_server_certificate({"junk", "junk"}, "x", {}, std::chrono::days(1)), Error);
}

} // namespace
} // namespace nimbus::crypto
