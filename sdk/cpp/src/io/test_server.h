#pragma once

#include "base/error.h"
#include "base/unique_fd.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace nimbus::detail {

/// An HTTP server on a port of its own, one connection at a time, played by a test step by step.
class TestServer {
public:
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

    void accept()
    {
        received_.clear();
        peer_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    void hang_up() { peer_.reset(); }
    void stop()
    {
        listener_.reset();
        peer_.reset();
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
            const auto count = ::recv(peer_.get(), bytes.data(), bytes.size(), 0);
            if (count <= 0)
                return "the peer has gone";
            received_.append(bytes.data(), static_cast<std::size_t>(count));
        }
    }
    /// Has more than one request arrived at once?
    bool has_more() const { return !received_.empty(); }

    void send(const std::string& bytes)
    {
        ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }

private:
    static std::size_t body_size(const std::string& head)
    {
        constexpr std::string_view name = "Content-Length: ";
        const auto at = head.find(name);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    UniqueFd listener_;
    UniqueFd peer_;
    std::uint16_t port_ = 0;
    std::string received_;
};

} // namespace nimbus::detail
