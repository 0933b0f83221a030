#include "local/dsql/channel.h"

#include "base/assert.h"
#include "local/dsql/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace nimbus::local::dsql {
namespace {

constexpr std::size_t read_size = 16 * 1024;
/// A client that sends nothing for so long has sent all it had.
constexpr std::chrono::milliseconds pause{100};

std::string system_text(int error_number)
{
    return std::generic_category().message(error_number);
}

int select_postgresql(SSL*, const unsigned char** out, unsigned char* out_length,
                      const unsigned char* in, unsigned in_length, void*)
{
    static constexpr std::array<unsigned char, 11> wanted{10,  'p', 'o', 's', 't', 'g',
                                                          'r', 'e', 's', 'q', 'l'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_length, wanted.data(), wanted.size(), in, in_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

void prepare_tls(SSL_CTX* context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, select_postgresql, nullptr);
}

void Channel::FreeSsl::operator()(ssl_st* ssl) const noexcept
{
    SSL_free(ssl);
}

Channel::Channel(UniqueFd socket, int stop_fd) : socket_(std::move(socket)), stop_fd_(stop_fd)
{
    const int flags = ::fcntl(fd(), F_GETFL);
    if (flags < 0 || ::fcntl(fd(), F_SETFL, flags | O_NONBLOCK) != 0)
        throw ChannelClosed("the socket cannot be used: " + system_text(errno));
    const int on = 1;
    ::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on Unix sockets
}

Channel::~Channel() = default;

void Channel::wait(short events, const Deadline& deadline) const
{
    std::array<pollfd, 2> entries{{{socket_.get(), events, 0}, {stop_fd_, POLLIN, 0}}};
    for (;;) {
        const int ready =
            ::poll(entries.data(), entries.size(), static_cast<int>(deadline.remaining().count()));
        if (ready < 0 && errno != EINTR)
            throw ChannelClosed("waiting: " + system_text(errno));
        if (ready > 0 && entries[1].revents != 0)
            throw Stopped();
        if (ready > 0)
            return;
        if (deadline.reached())
            throw TimedOut();
    }
}

unsigned char Channel::peek(const Deadline& deadline)
{
    for (;;) {
        unsigned char byte = 0;
        const auto count = ::recv(fd(), &byte, 1, MSG_PEEK);
        if (count == 1)
            return byte;
        if (count == 0)
            throw ChannelClosed("the client closed the connection");
        if (errno != EAGAIN && errno != EINTR)
            throw ChannelClosed("the connection broke: " + system_text(errno));
        wait(POLLIN, deadline);
    }
}

void Channel::accept_tls(ssl_ctx_st* context, const Deadline& deadline)
{
    NIMBUS_ASSERT(!ssl_ && context != nullptr, "a channel changes to TLS once");
    ssl_.reset(SSL_new(context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd()) != 1)
        throw ChannelClosed("TLS could not be started");
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_read_ahead(ssl_.get(), 1);
    for (;;) {
        ERR_clear_error();
        errno = 0;
        const int result = SSL_accept(ssl_.get());
        const int error_number = errno;
        if (result == 1)
            return;
        wait(tls_outcome(result, error_number) == Outcome::wants_write ? POLLOUT : POLLIN,
             deadline);
    }
}

std::string Channel::server_name() const
{
    const char* name = ssl_ ? SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name) : nullptr;
    return name ? name : "";
}

/// Throws ChannelClosed when the stream cannot go on.
Channel::Outcome Channel::tls_outcome(int result, int error_number) const
{
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return Outcome::wants_read;
    case SSL_ERROR_WANT_WRITE:
        return Outcome::wants_write;
    case SSL_ERROR_ZERO_RETURN:
        throw ChannelClosed("the client closed the connection");
    case SSL_ERROR_SYSCALL:
        throw ChannelClosed(error_number != 0 ? "the connection broke: " + system_text(error_number)
                                              : "the client closed the connection");
    default: {
        const char* reason = ERR_reason_error_string(ERR_peek_error());
        ERR_clear_error();
        throw ChannelClosed(std::string("TLS: ") + (reason ? reason : "the stream is broken"));
    }
    }
}

Channel::Outcome Channel::try_read(char* to, std::size_t size, std::size_t& count)
{
    count = 0;
    errno = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_read_ex(ssl_.get(), to, size, &count);
        const int error_number = errno;
        return result == 1 ? Outcome::done : tls_outcome(result, error_number);
    }
    for (;;) {
        const auto received = ::recv(fd(), to, size, 0);
        if (received > 0) {
            count = static_cast<std::size_t>(received);
            return Outcome::done;
        }
        if (received == 0)
            throw ChannelClosed("the peer closed the connection");
        if (errno == EAGAIN)
            return Outcome::wants_read;
        if (errno != EINTR)
            throw ChannelClosed("the connection broke: " + system_text(errno));
    }
}

Channel::Outcome Channel::try_write(std::string_view bytes, std::size_t& count)
{
    count = 0;
    errno = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
        const int error_number = errno;
        return result == 1 ? Outcome::done : tls_outcome(result, error_number);
    }
    for (;;) {
        const auto sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            count = static_cast<std::size_t>(sent);
            return Outcome::done;
        }
        if (errno == EAGAIN)
            return Outcome::wants_write;
        if (errno != EINTR)
            throw ChannelClosed("the connection broke: " + system_text(errno));
    }
}

void Channel::read(Buffer& to, const Deadline& deadline)
{
    for (;;) {
        const auto room = to.room(read_size);
        std::size_t count = 0;
        const auto outcome = try_read(room.data(), room.size(), count);
        if (outcome == Outcome::done) {
            to.filled(count);
            return;
        }
        wait(outcome == Outcome::wants_write ? POLLOUT : POLLIN, deadline);
    }
}

void Channel::write(std::string_view bytes, const Deadline& deadline)
{
    while (!bytes.empty()) {
        std::size_t count = 0;
        const auto outcome = try_write(bytes, count);
        if (outcome == Outcome::done)
            bytes.remove_prefix(count);
        else
            wait(outcome == Outcome::wants_write ? POLLOUT : POLLIN, deadline);
    }
}

bool Channel::read_available(Buffer& to, std::size_t limit)
{
    if (ended_)
        throw ChannelClosed("the peer closed the connection");
    std::size_t total = 0;
    while (total < limit) {
        const auto room = to.room(read_size);
        std::size_t count = 0;
        try {
            if (try_read(room.data(), room.size(), count) != Outcome::done)
                return false;
        } catch (const ChannelClosed&) {
            if (total == 0)
                throw;
            ended_ = true;
            return true;
        }
        NIMBUS_ASSERT(count > 0, "what was read is something");
        to.filled(count);
        total += count;
        if (ssl_ ? SSL_has_pending(ssl_.get()) != 1 : count < room.size())
            return false;
    }
    return true;
}

std::size_t Channel::write_available(std::string_view bytes)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        std::size_t count = 0;
        if (try_write(bytes.substr(sent), count) != Outcome::done)
            break;
        sent += count;
    }
    return sent;
}

void Channel::shut_down() noexcept
{
    if (!ssl_ || SSL_in_init(ssl_.get()))
        return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

void Channel::drain(const Deadline& deadline) noexcept
{
    try {
        std::array<char, read_size> unwanted;
        while (!deadline.reached()) {
            const auto got = ::recv(socket_.get(), unwanted.data(), unwanted.size(), MSG_DONTWAIT);
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
                return;
            if (got < 0)
                wait(POLLIN, Deadline::after(pause));
        }
    } catch (const std::exception&) {
        // It pauses, or the cluster stops.
    }
}

} // namespace nimbus::local::dsql
