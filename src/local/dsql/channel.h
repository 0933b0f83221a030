#pragma once

#include "base/time.h"
#include "base/unique_fd.h"
#include "local/dsql/buffer.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace nimbus::local::dsql {

/// The peer is gone, or sent what is no TLS: there is nobody to tell.
class ChannelClosed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
/// The cluster stops.
class Stopped : public std::runtime_error {
public:
    Stopped() : std::runtime_error("the cluster stops") {}
};
/// The deadline was reached.
class TimedOut : public std::runtime_error {
public:
    TimedOut() : std::runtime_error("the time is over") {}
};

/// A connected socket that may change to TLS, as the server. Not blocking; the functions that wait
/// do so until their deadline and until `stop_fd` becomes readable.
class Channel {
public:
    Channel(UniqueFd socket, int stop_fd);
    Channel(Channel&&) noexcept = default;
    Channel& operator=(Channel&&) noexcept = default;
    ~Channel();

    int fd() const noexcept { return socket_.get(); }
    bool is_tls() const noexcept { return ssl_ != nullptr; }

    /// The first byte, without taking it.
    unsigned char peek(const Deadline& deadline);
    void accept_tls(ssl_ctx_st* context, const Deadline& deadline);
    /// What the client sent as SNI; empty when it sent none.
    std::string server_name() const;

    /// Takes in what arrives, at least one byte.
    void read(Buffer& to, const Deadline& deadline);
    void write(std::string_view bytes, const Deadline& deadline);

    /// Takes in what is there, about `limit` bytes at most. True: ask again at once, poll(2) may
    /// not see what is left.
    bool read_available(Buffer& to, std::size_t limit);
    /// Sends what can be sent at once and says how much that was.
    std::size_t write_available(std::string_view bytes);
    /// Says goodbye in TLS; waits for nothing.
    void shut_down() noexcept;
    /// Throws away what the client is still sending, until it pauses or the deadline. Closing with
    /// bytes unread resets the connection (RFC 1122, 4.2.2.13), and takes from the client what it
    /// was told last; libpq does not read that before it has sent all of its message, either.
    void drain(const Deadline& deadline) noexcept;

private:
    enum class Outcome { done, wants_read, wants_write };
    Outcome try_read(char* to, std::size_t size, std::size_t& count);
    Outcome try_write(std::string_view bytes, std::size_t& count);
    Outcome tls_outcome(int result, int error_number) const;
    void wait(short events, const Deadline& deadline) const;

    struct FreeSsl {
        void operator()(ssl_st* ssl) const noexcept;
    };

    UniqueFd socket_;
    int stop_fd_;
    bool ended_ = false; ///< the stream's end came behind bytes that were handed out
    std::unique_ptr<ssl_st, FreeSsl> ssl_;
};

} // namespace nimbus::local::dsql
