#include "io/tls_stream.h"

#include "base/ca_bundle.h"
#include "base/error.h"
#include "io/resolver.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace nimbus::detail {

namespace {

constexpr std::size_t read_size = 16 * 1024;

std::string system_text(int error_number)
{
    return std::generic_category().message(error_number);
}

std::string openssl_text()
{
    std::array<char, 256> text{};
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0)
        return "the connection ended";
    const char* reason = ERR_reason_error_string(code);
    if (reason)
        return reason;
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

std::string system_bundle()
{
    if (const auto file = system_ca_bundle())
        return file->string();
    throw Error("no CA certificates found on this system",
                "install ca-certificates, or name a PEM file in SSL_CERT_FILE");
}

} // namespace

TlsRoots::TlsRoots(const std::string& ca_file)
{
    // The configuration file belongs to the host's OpenSSL and may name modules that a static
    // executable cannot load.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    context_.reset(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (!context_)
        throw Error("starting TLS: " + openssl_text());
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const auto file = ca_file.empty() ? system_bundle() : ca_file;
    if (SSL_CTX_load_verify_file(context_.get(), file.c_str()) != 1)
        throw Error("reading the CA certificates in " + file + ": " + openssl_text());
}

void TlsStream::FreeSsl::operator()(ssl_st* ssl) const noexcept
{
    SSL_free(ssl);
}

TlsStream::TlsStream(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

TlsStream::~TlsStream() = default;

TlsStream TlsStream::connect(const std::string& host, std::uint16_t port, const Deadline& deadline)
{
    return TlsStream(connect_socket(host, port, deadline));
}

void TlsStream::start_tls(const TlsRoots& roots, const std::string& host, const Deadline& deadline)
{
    ssl_.reset(SSL_new(roots.context()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.get()) != 1)
        throw StreamError("starting TLS: " + openssl_text());
    const bool prepared =
        is_numeric_host(host)
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1
            : SSL_set1_host(ssl_.get(), host.c_str()) == 1 &&
                  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                           const_cast<char*>(host.c_str())) == 1;
    if (!prepared)
        throw StreamError("starting TLS with " + host + ": " + openssl_text());
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(ssl_.get());
        if (result == 1)
            return;
        if (const auto verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
            throw StreamError("the certificate of " + host +
                              " is not to be trusted: " + X509_verify_cert_error_string(verdict));
        wait_for_tls(result, deadline);
    }
}

/// Waits for what the TLS engine wants after a call that gave `result`; throws when it cannot go
/// on.
void TlsStream::wait_for_tls(int result, const Deadline& deadline) const
{
    const int error_number = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        wait_for_socket(socket_.get(), POLLIN, deadline);
        return;
    case SSL_ERROR_WANT_WRITE:
        wait_for_socket(socket_.get(), POLLOUT, deadline);
        return;
    case SSL_ERROR_ZERO_RETURN:
        throw StreamError("the server closed the connection");
    case SSL_ERROR_SYSCALL:
        throw StreamError(error_number != 0 ? "the connection broke: " + system_text(error_number)
                                            : "the server closed the connection");
    default:
        throw StreamError("TLS: " + openssl_text());
    }
}

void TlsStream::write(std::string_view bytes, const Deadline& deadline)
{
    while (!bytes.empty()) {
        if (ssl_) {
            ERR_clear_error();
            errno = 0;
            std::size_t written = 0;
            const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
            if (result == 1)
                bytes.remove_prefix(written);
            else
                wait_for_tls(result, deadline);
            continue;
        }
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN)
            wait_for_socket(socket_.get(), POLLOUT, deadline);
        else if (errno != EINTR)
            throw StreamError("the connection broke: " + system_text(errno));
    }
}

void TlsStream::read(std::string& to, const Deadline& deadline)
{
    const auto old_size = to.size();
    to.resize(old_size + read_size);
    std::size_t count = 0;
    try {
        while (count == 0) {
            if (ssl_) {
                ERR_clear_error();
                errno = 0;
                const int result = SSL_read_ex(ssl_.get(), to.data() + old_size, read_size, &count);
                if (result != 1) {
                    count = 0;
                    wait_for_tls(result, deadline);
                }
                continue;
            }
            const auto received = ::recv(socket_.get(), to.data() + old_size, read_size, 0);
            if (received == 0)
                throw StreamError("the server closed the connection");
            if (received > 0)
                count = static_cast<std::size_t>(received);
            else if (errno == EAGAIN)
                wait_for_socket(socket_.get(), POLLIN, deadline);
            else if (errno != EINTR)
                throw StreamError("the connection broke: " + system_text(errno));
        }
    } catch (...) {
        to.resize(old_size);
        throw;
    }
    to.resize(old_size + count);
}

bool TlsStream::poll(std::string& to)
{
    pollfd entry{socket_.get(), POLLIN, 0};
    if (::poll(&entry, 1, 0) == 0 && !(ssl_ && SSL_pending(ssl_.get()) > 0))
        return true;
    try {
        // Arrived bytes may be TLS's own (session tickets), which leave nothing to read.
        read(to, Deadline::after(std::chrono::milliseconds{0}));
        return true;
    } catch (const StreamTimeout&) {
        return true;
    } catch (const StreamError&) {
        return false;
    }
}

} // namespace nimbus::detail
