#include "local/dsql/host/overload.h"

#include "base/time.h"
#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/socket.h>

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::seconds limit(5);
constexpr std::size_t max_startup_packet = 10'000; // PostgreSQL's own MAX_STARTUP_PACKET_LENGTH
constexpr char tls_handshake = 0x16;               // RFC 8446 section 5.1, ContentType

class Refusal {
public:
    Refusal(UniqueFd client, int stop_fd)
        : client_(std::move(client)), stop_fd_(stop_fd), deadline_(Deadline::after(limit))
    {
        ::fcntl(client_.get(), F_SETFL, ::fcntl(client_.get(), F_GETFL) | O_NONBLOCK);
    }

    void run(SSL_CTX* context)
    {
        if (!reach_tls())
            return;
        const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context), SSL_free);
        if (!tls || SSL_set_fd(tls.get(), client_.get()) != 1 ||
            !repeat(*tls, [&] { return SSL_accept(tls.get()); }) || !read_startup(*tls))
            return;
        pgwire::BackendWriter answer;
        answer.error({.severity = "FATAL",
                      .sqlstate = "53300",
                      .message = "Unable to accept connection, too many open connections."});
        const std::string& bytes = answer.bytes();
        if (repeat(*tls, [&] {
                return SSL_write(tls.get(), bytes.data(), static_cast<int>(bytes.size()));
            }))
            SSL_shutdown(tls.get());
    }

private:
    bool wait(short events) const
    {
        std::array<pollfd, 2> descriptors{{{client_.get(), events, 0}, {stop_fd_, POLLIN, 0}}};
        return ::poll(descriptors.data(), descriptors.size(),
                      static_cast<int>(deadline_.remaining().count())) > 0 &&
               descriptors[1].revents == 0 && !deadline_.reached();
    }

    /// The request for TLS, byte by byte, so that nothing of what follows is taken.
    bool reach_tls() const
    {
        std::string packet;
        for (;;) {
            if (!wait(POLLIN))
                return false;
            char byte = 0;
            const bool first = packet.empty();
            const ssize_t got = ::recv(client_.get(), &byte, 1, first ? MSG_PEEK : 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR))
                continue;
            if (got <= 0)
                return false;
            if (first && byte == tls_handshake)
                return true;
            if (first)
                ::recv(client_.get(), &byte, 1, 0);
            packet += byte;
            const auto request = pgwire::first_startup_packet(packet, 16);
            if (!request)
                continue;
            const bool tls = request->code == pgwire::ssl_request_code;
            if (!tls && request->code != pgwire::gssenc_request_code)
                return false;
            packet.clear();
            if (::send(client_.get(), tls ? "S" : "N", 1, MSG_NOSIGNAL) != 1)
                return false;
            if (tls)
                return true;
        }
    }

    bool read_startup(SSL& tls) const
    {
        std::string packet;
        std::array<char, 2048> buffer;
        while (!pgwire::first_startup_packet(packet, max_startup_packet)) {
            int got = 0;
            if (!repeat(tls, [&] {
                    return got = SSL_read(&tls, buffer.data(), static_cast<int>(buffer.size()));
                }))
                return false;
            packet.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return true;
    }

    /// Repeats an operation of OpenSSL's until it is done; false when it cannot be.
    template <class Operation>
    bool repeat(SSL& tls, Operation operation) const
    {
        for (;;) {
            const int result = operation();
            if (result > 0)
                return true;
            const int reason = SSL_get_error(&tls, result);
            if (reason == SSL_ERROR_WANT_READ ? !wait(POLLIN)
                                              : reason != SSL_ERROR_WANT_WRITE || !wait(POLLOUT))
                return false;
        }
    }

    UniqueFd client_;
    int stop_fd_;
    Deadline deadline_;
};

} // namespace

void refuse_for_overload(UniqueFd client, SSL_CTX* tls, int stop_fd) noexcept
{
    try {
        Refusal(std::move(client), stop_fd).run(tls);
    } catch (const std::exception&) {
        // Malformed: the end of the connection is answer enough.
    }
}

} // namespace nimbus::local::dsql
