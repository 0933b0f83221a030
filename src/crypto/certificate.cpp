#include "crypto/certificate.h"

#include "base/error.h"
#include "base/random.h"
#include "crypto/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>

namespace nimbus::crypto {
namespace {

using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

[[noreturn]] void throw_openssl_error(const std::string& what)
{
    std::array<char, 256> text;
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw Error(what + ": " + text.data());
}

void check(bool ok, const std::string& what)
{
    if (!ok)
        throw_openssl_error(what);
}

Key generate_key()
{
    Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "Cannot create a private key");
    return key;
}

std::string to_pem(EVP_PKEY* key)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "Cannot write a private key");
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

std::string to_pem(X509* certificate)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(bio.get(), certificate) == 1, "Cannot write a certificate");
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

Bio memory_bio(const std::string& text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Null when it is none.
Certificate read_certificate(const std::string& pem)
{
    return Certificate(PEM_read_bio_X509(memory_bio(pem).get(), nullptr, nullptr, nullptr));
}

/// Null when it is none.
Key read_key(const std::string& pem)
{
    return Key(PEM_read_bio_PrivateKey(memory_bio(pem).get(), nullptr, nullptr, nullptr));
}

void set_name(X509_NAME* name, const std::string& common_name)
{
    const auto add = [&](const char* field, const std::string& value) {
        check(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                         reinterpret_cast<const unsigned char*>(value.data()),
                                         static_cast<int>(value.size()), -1, 0) == 1,
              "Cannot name a certificate '" + common_name + "'");
    };
    add("O", "Nimbus local cloud");
    add("CN", common_name);
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
          "Cannot add '" + value + "' to a certificate");
}

Certificate unsigned_certificate(EVP_PKEY* key, const std::string& common_name,
                                 std::chrono::days valid_for)
{
    Certificate certificate(X509_new());
    check(certificate != nullptr, "Cannot create a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    // RFC 5280 section 4.1.2.2: positive and at most 20 bytes.
    std::string serial = random_bytes(16);
    serial[0] = static_cast<char>(serial[0] & 0x7f);
    const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()),
                  static_cast<int>(serial.size()), nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    // An hour back: clocks of clients in containers may lag a little.
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(valid_for.count()), 0,
                     nullptr);
    X509_set_pubkey(certificate.get(), key);
    set_name(X509_get_subject_name(certificate.get()), common_name);
    return certificate;
}

} // namespace

CertificateAndKey create_certificate_authority(const std::string& common_name,
                                               std::chrono::days valid_for)
{
    const Key key = generate_key();
    const Certificate certificate = unsigned_certificate(key.get(), common_name, valid_for);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints,
                  "critical,CA:TRUE,pathlen:0");
    add_extension(certificate.get(), certificate.get(), NID_key_usage,
                  "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    check(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0, "Cannot sign a certificate");
    return {to_pem(certificate.get()), to_pem(key.get())};
}

std::string fault_of_authority(const CertificateAndKey& authority)
{
    const auto certificate = read_certificate(authority.certificate_pem);
    if (!certificate)
        return "has a certificate that cannot be read";
    const auto key = read_key(authority.private_key_pem);
    if (!key)
        return "has a key that cannot be read";
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return "has a key that is not its certificate's";
    if (X509_check_ca(certificate.get()) != 1)
        return "has a certificate that is not an authority's";
    if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0)
        return "has expired";
    return {};
}

CertificateAndKey issue_server_certificate(const CertificateAndKey& authority,
                                           const std::string& common_name,
                                           const SubjectAlternativeNames& names,
                                           std::chrono::days valid_for)
{
    const auto issuer = read_certificate(authority.certificate_pem);
    check(issuer != nullptr, "The certificate authority's certificate cannot be read");
    const auto issuer_key = read_key(authority.private_key_pem);
    check(issuer_key != nullptr, "The certificate authority's key cannot be read");

    const Key key = generate_key();
    const Certificate certificate = unsigned_certificate(key.get(), common_name, valid_for);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
    std::string alternatives;
    const auto append = [&](std::string_view kind, const std::string& name) {
        alternatives += alternatives.empty() ? "" : ",";
        alternatives += kind;
        alternatives += name;
    };
    for (const auto& name : names.dns)
        append("DNS:", name);
    for (const auto& address : names.ip)
        append("IP:", address);
    add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
    if (!alternatives.empty())
        add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternatives);
    check(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) != 0,
          "Cannot sign a certificate");
    return {to_pem(certificate.get()), to_pem(key.get())};
}

} // namespace nimbus::crypto
