#pragma once

#include "base/error.h"
#include "base/unique_fd.h"
#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace nimbus::detail {

/// An HTTP server on a port of its own, one connection at a time, played by a test step by step.
class TestServer {
public:
    /// Speaks TLS.
    explicit TestServer(const crypto::CertificateAndKey& certificate) : TestServer()
    {
        context_.reset(SSL_CTX_new(TLS_server_method()));
        const auto read = [](const std::string& pem) {
            return std::unique_ptr<BIO, decltype(&BIO_free)>(
                BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
        };
        const std::unique_ptr<X509, decltype(&X509_free)> own(
            PEM_read_bio_X509(read(certificate.certificate_pem).get(), nullptr, nullptr, nullptr),
            &X509_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            PEM_read_bio_PrivateKey(read(certificate.private_key_pem).get(), nullptr, nullptr,
                                    nullptr),
            &EVP_PKEY_free);
        if (SSL_CTX_use_certificate(context_.get(), own.get()) != 1 ||
            SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1)
            throw Error("the certificate is of no use");
    }
    TestServer()
    {
        listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 4) != 0 ||
            ::getsockname(listener_.get(), generic, &size) != 0)
            throw_system_error(errno, "listening");
        port_ = ntohs(address.sin_port);
    }

    /// host:port
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::uint16_t port() const { return port_; }

    /// The next connection. False when TLS did not come about.
    bool accept()
    {
        hang_up();
        received_.clear();
        peer_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!context_)
            return true;
        session_.reset(SSL_new(context_.get()));
        return SSL_set_fd(session_.get(), peer_.get()) == 1 && SSL_accept(session_.get()) == 1;
    }
    void hang_up()
    {
        session_.reset();
        peer_.reset();
    }
    void stop()
    {
        listener_.reset();
        hang_up();
    }

    /// The next request: its head and body.
    std::string request()
    {
        for (;;) {
            if (const auto end = received_.find("\r\n\r\n"); end != std::string::npos) {
                const auto size = end + 4 + body_size(received_.substr(0, end));
                if (received_.size() >= size) {
                    auto request = received_.substr(0, size);
                    received_.erase(0, size);
                    return request;
                }
            }
            std::array<char, 4096> bytes{};
            const auto count = receive(bytes);
            if (count <= 0)
                return "the peer has gone";
            received_.append(bytes.data(), static_cast<std::size_t>(count));
        }
    }
    /// Has more than one request arrived at once?
    bool has_more() const { return !received_.empty(); }

    void send(const std::string& bytes)
    {
        const auto sent =
            session_ ? SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()))
                     : ::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ASSERT_EQ(sent, static_cast<ssize_t>(bytes.size()));
    }

private:
    static std::size_t body_size(const std::string& head)
    {
        constexpr std::string_view name = "Content-Length: ";
        const auto at = head.find(name);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    ssize_t receive(std::span<char> to)
    {
        return session_ ? SSL_read(session_.get(), to.data(), static_cast<int>(to.size()))
                        : ::recv(peer_.get(), to.data(), to.size(), 0);
    }

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session_{nullptr, &SSL_free};
    UniqueFd listener_;
    UniqueFd peer_;
    std::uint16_t port_ = 0;
    std::string received_;
};

} // namespace nimbus::detail
