#include "local/dsql/host/tls_context.h"

#include "base/error.h"
#include "local/dsql/session.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::days certificate_lifetime(397); // a new one comes with each start

template <auto free>
struct Deleter {
    template <class T>
    void operator()(T* object) const noexcept
    {
        free(object);
    }
};

void check(bool ok, const char* what)
{
    if (ok)
        return;
    const unsigned long code = ERR_get_error();
    const char* reason = ERR_reason_error_string(code);
    ERR_clear_error();
    throw Error(std::string(what) + ": " +
                (reason != nullptr ? reason : "OpenSSL does not say why"));
}

std::unique_ptr<BIO, Deleter<BIO_free>> open(const std::string& pem)
{
    return std::unique_ptr<BIO, Deleter<BIO_free>>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

} // namespace

TlsContext make_tls_context(const crypto::CertificateAndKey& authority, const Cluster& cluster)
{
    const std::string name = cluster_host_name(cluster.id, cluster.region);
    const auto own = crypto::issue_server_certificate(
        authority, name, {.dns = {name, "localhost"}, .ip = {cluster.address}},
        certificate_lifetime);
    const std::unique_ptr<X509, Deleter<X509_free>> certificate(
        PEM_read_bio_X509(open(own.certificate_pem).get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>> key(
        PEM_read_bio_PrivateKey(open(own.private_key_pem).get(), nullptr, nullptr, nullptr));

    TlsContext context(SSL_CTX_new(TLS_server_method()));
    check(context != nullptr, "Cannot create a TLS context");
    check(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
          "Cannot use the cluster's certificate");
    // Hundreds of connections wait for their next statement most of the time.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    prepare_tls(context.get());
    return context;
}

} // namespace nimbus::local::dsql
