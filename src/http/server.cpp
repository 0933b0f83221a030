#include "http/server.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "http/arriving_bodies.h"
#include "http/request_head.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <sys/socket.h>
#include <unordered_set>
#include <utility>

namespace nimbus::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

class Connection;

/// What has to move within each idle timeout of a body that is sent or received.
constexpr std::size_t least_moved = 64 * 1024;
/// Of an answer, what the kernel is asked to take in one call.
constexpr std::size_t most_at_once = 1024 * 1024;
/// Beyond, those that wait for a request make way for new ones: clients may hold as many as they
/// like, and the process has so many descriptors for all.
constexpr std::size_t most_connections = 1'000;

/// What a connection needs of its server; outlives the server while connections still unwind.
struct Shared {
    asio::io_context& context;
    net::EventLoop& loop;
    ServerOptions options;
    Handler handler;
    std::unordered_set<Connection*> connections;
    ArrivingBodies arriving{{.most_bytes = options.max_arriving_bytes, .slow = options.slow_body}};
};

Response default_protocol_error(int status)
{
    return {status,
            {{"Content-Type", "application/json"}},
            fmt::format("{{\"message\":\"{}\"}}", reason_phrase(status))};
}

/// Header names and values come from handlers, which copy them from functions' answers: a line
/// break in them would let an answer forge another header.
void append_field(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += ": ";
    const auto start = out.size();
    out += value;
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
        [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    out += "\r\n";
}

std::string serialize(const Response& response, bool is_head, bool keep_alive)
{
    NIMBUS_ASSERT(response.status >= 200 && response.status <= 599, "an answer is a final one");
    std::string out;
    out.reserve(256 + response.body.size());
    out += fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    for (const auto& [name, value] : response.headers) {
        const bool ours = iequals(name, "content-length") || iequals(name, "connection") ||
                          iequals(name, "transfer-encoding");
        // The one length that a handler knows better: a HEAD's, which carries no body.
        const bool head_length = is_head && iequals(name, "content-length");
        const bool valid = name.find_first_of("\r\n: ") == std::string::npos && !name.empty();
        if (valid && (!ours || head_length))
            append_field(out, name, value);
    }
    const bool has_no_body = response.status == 204 || response.status == 304;
    if (!has_no_body && !(is_head && response.headers.contains("content-length")))
        out += fmt::format("Content-Length: {}\r\n", response.body.size());
    if (!keep_alive)
        out += "Connection: close\r\n";
    out += "\r\n";
    if (!is_head && !has_no_body)
        out += response.body;
    return out;
}

/// One client, on the loop's thread. Requests are handled one after the other: what the client
/// sends meanwhile waits in `buffer_`, so that answers keep the order of their requests. What can
/// race is the answer: its Ticket may be used, or dropped, on any thread and after the client, the
/// connection or the server is gone. It is carried to the loop, where `closed_` says whether
/// anybody still wants it.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Shared> shared, tcp::socket socket)
        : shared_(std::move(shared)), socket_(std::move(socket)), timer_(shared_->context),
          buffer_(shared_->options.max_header_bytes + 64 * 1024)
    {
        NIMBUS_ASSERT(is_on_loop(), "connections are made on the loop's thread");
        shared_->connections.insert(this);
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        const auto peer = socket_.remote_endpoint(ignored);
        if (!ignored)
            peer_address_ = peer.address().to_string();
    }

    ~Connection()
    {
        body_ends();
        shared_->connections.erase(this);
    }

    void start() { read_head(); }

    /// Does it wait for a request of which nothing has come yet?
    bool is_idle() const { return !handling_ && is_reading_head_ && buffer_.size() == 0; }
    std::chrono::steady_clock::time_point deadline() const { return deadline_; }

    void close()
    {
        NIMBUS_ASSERT(is_on_loop(), "connections are closed on the loop's thread");
        error_code ignored;
        closed_ = true;
        body_ends();
        timer_.cancel(ignored);
        socket_.close(ignored);
    }

private:
    using Parser = beast::http::request_parser<beast::http::string_body>;

    bool is_on_loop() const noexcept { return shared_->loop.is_owned_by_this_thread(); }

    /// Moving a timer costs a heap operation and an allocation; a deadline that is only ever pushed
    /// back needs the timer itself no more often than once per timeout.
    void push_deadline()
    {
        deadline_ = std::chrono::steady_clock::now() + shared_->options.idle_timeout;
        if (!timer_armed_)
            arm_timer();
    }

    void arm_timer()
    {
        timer_armed_ = true;
        timer_.expires_at(deadline_);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            self->timer_armed_ = false;
            if (error || self->closed_)
                return;
            if (self->handling_)
                self->push_deadline();
            else if (std::chrono::steady_clock::now() < self->deadline_)
                self->arm_timer();
            else
                self->close();
        });
    }

    void read_head()
    {
        NIMBUS_ASSERT(!handling_, "a request is answered before the next is read");
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(shared_->options.max_header_bytes));
        parser_->body_limit(shared_->options.max_body_bytes);
        is_reading_head_ = true;
        moved_ = 0;
        push_deadline();
        beast::http::async_read_header(
            socket_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
    }

    void on_head(error_code error)
    {
        is_reading_head_ = false;
        if (error)
            return fail(error);
        if (!is_well_formed(parser_->get().base()))
            return fail(beast::http::error::bad_field);
        if (!parser_->is_done())
            arriving_ =
                shared_->arriving.begin(std::chrono::steady_clock::now(), [this] { make_way(); });
        if (!iequals(parser_->get()[beast::http::field::expect], "100-continue"))
            return read_body();
        // Even for an empty body: botocore takes a final answer without it for the answer to the
        // next request of this connection that expects it.
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(socket_, asio::buffer(go_on),
                          [self = shared_from_this()](error_code write_error, std::size_t) {
                              if (write_error)
                                  return self->close();
                              self->read_body();
                          });
    }

    void read_body()
    {
        if (parser_->is_done())
            return handle();
        beast::http::async_read_some(
            socket_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t count) {
                self->body_grows(count);
                if (self->makes_way_)
                    return self->refuse(503);
                if (error)
                    return self->fail(error);
                self->moved(count);
                self->read_body();
            });
    }

    void body_grows(std::size_t count)
    {
        if (arriving_)
            shared_->arriving.grow(*arriving_, count, std::chrono::steady_clock::now());
    }

    void body_ends()
    {
        if (arriving_)
            shared_->arriving.end(*std::exchange(arriving_, std::nullopt));
    }

    /// For other bodies. What is being read comes back, and then there is the answer.
    void make_way()
    {
        arriving_.reset();
        makes_way_ = true;
        error_code ignored;
        socket_.cancel(ignored);
    }

    /// Of a body, in either direction. Who moves something goes on, however long all of it takes.
    void moved(std::size_t count)
    {
        moved_ += count;
        if (moved_ < least_moved)
            return;
        moved_ = 0;
        push_deadline();
    }

    void handle()
    {
        // The server may have gone since this was read.
        if (closed_)
            return;
        NIMBUS_ASSERT(parser_->is_done() && !handling_, "a request is handled when it is complete");
        body_ends();
        auto message = parser_->release();
        Request request;
        request.method = message.method_string();
        request.target = path_of_target(message.base());
        for (const auto& field : message)
            request.headers.add(std::string(field.name_string()), std::string(field.value()));
        request.body = std::move(message.body());
        request.peer_address = peer_address_;
        is_head_ = request.method == "HEAD";
        keep_alive_ = message.keep_alive();
        handling_ = true;
        shared_->handler(std::move(request), Responder(Ticket(shared_from_this())));
    }

    /// The right to answer the current request, once. Dropped unused, it closes the connection.
    class Ticket {
    public:
        explicit Ticket(std::shared_ptr<Connection> connection) : connection_(std::move(connection))
        {
        }
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) noexcept = default;
        ~Ticket()
        {
            if (connection_)
                post([](Connection& connection) { connection.close(); });
        }

        void operator()(Response response)
        {
            NIMBUS_ASSERT(connection_ != nullptr, "a request is answered once");
            post([answer = std::move(response)](Connection& connection) {
                connection.answer(answer);
            });
        }

    private:
        template <class Work>
        void post(Work work)
        {
            auto connection = std::exchange(connection_, nullptr);
            // `dispatch` runs it at once on the loop's own thread, where most answers come from.
            asio::io_context& context = connection->shared_->context;
            asio::dispatch(context, [connection = std::move(connection),
                                     work = std::move(work)]() mutable { work(*connection); });
        }

        std::shared_ptr<Connection> connection_;
    };

    void answer(const Response& response)
    {
        if (closed_)
            return;
        NIMBUS_ASSERT(is_on_loop() && handling_, "an answer belongs to the request under way");
        handling_ = false;
        send(response);
    }

    void send(const Response& response)
    {
        output_ = serialize(response, is_head_, keep_alive_);
        push_deadline();
        // Nearly always, the socket takes all at once: one turn of the loop less for each answer.
        const auto sent = ::send(socket_.native_handle(), output_.data(), output_.size(),
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        if (done == output_.size())
            return sent_all({});
        moved(done);
        const auto go_on = [this, before = std::size_t{0}](error_code error,
                                                           std::size_t total) mutable {
            moved(total - std::exchange(before, total));
            return error ? std::size_t{0} : most_at_once;
        };
        asio::async_write(
            socket_, asio::buffer(output_) + done, go_on,
            [self = shared_from_this()](error_code error, std::size_t) { self->sent_all(error); });
    }

    void sent_all(error_code error)
    {
        if (error || !keep_alive_)
            return finish();
        read_head();
    }

    void fail(error_code error)
    {
        if (closed_)
            return;
        namespace http = beast::http;
        int status = 0;
        if (error == http::error::header_limit || error == http::error::buffer_overflow)
            status = 431;
        else if (error == http::error::body_limit)
            status = 413;
        else if (error.category() == http::make_error_code(http::error::bad_target).category() &&
                 error != http::error::end_of_stream && error != http::error::partial_message)
            status = 400;
        if (status == 0)
            return close();
        refuse(status);
    }

    /// What has arrived of a request, and what is still to come, is of no use.
    void refuse(int status)
    {
        if (closed_)
            return;
        body_ends();
        parser_.reset();
        keep_alive_ = false;
        is_head_ = false;
        NIMBUS_ASSERT(!handling_, "what cannot be read was not handed to the handler");
        send(shared_->options.protocol_error ? shared_->options.protocol_error(status)
                                             : default_protocol_error(status));
    }

    /// Closing with unread input would make the kernel reset the connection, and the client lose
    /// the answer: say that no more comes, then read to the end, within limits.
    void finish()
    {
        error_code error;
        socket_.shutdown(tcp::socket::shutdown_send, error);
        if (error)
            return close();
        // As much as a client sends that learns of its body's size only from the answer.
        constexpr std::size_t most_drained = 64 * 1024 * 1024;
        drain(std::min(2 * shared_->options.max_body_bytes + 1024 * 1024, most_drained));
    }

    void drain(std::size_t budget)
    {
        buffer_.clear();
        socket_.async_read_some(
            buffer_.prepare(16 * 1024),
            [self = shared_from_this(), budget](error_code error, std::size_t count) {
                if (error || count >= budget)
                    return self->close();
                self->drain(budget - count);
            });
    }

    std::shared_ptr<Shared> shared_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    std::chrono::steady_clock::time_point deadline_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::optional<ArrivingBodies::Place> arriving_; ///< while a body is
    std::string output_;
    std::string peer_address_;
    std::size_t moved_ = 0; ///< since the deadline was pushed
    bool is_reading_head_ = false;
    bool timer_armed_ = false;
    bool is_head_ = false;
    bool keep_alive_ = true;
    bool handling_ = false;
    bool makes_way_ = false;
    bool closed_ = false;
};

} // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(net::EventLoop& loop, ServerOptions options, Handler handler)
        : shared(std::make_shared<Shared>(
              Shared{loop.context(), loop, std::move(options), std::move(handler)})),
          acceptor(shared->context)
    {
        const auto& wanted = shared->options;
        const std::string where = wanted.address + ":" + std::to_string(wanted.port);
        error_code error;
        const tcp::endpoint endpoint(asio::ip::make_address(wanted.address, error), wanted.port);
        if (!error)
            acceptor.open(endpoint.protocol(), error);
        if (!error)
            acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error)
            acceptor.bind(endpoint, error);
        if (!error)
            acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error == asio::error::address_in_use)
            throw Error("Port " + std::to_string(wanted.port) + " of " + wanted.address +
                            " is in use by another program",
                        "Stop that program, or choose another port.");
        if (error)
            throw Error("Cannot listen on " + where + ": " + error.message());
        port = acceptor.local_endpoint().port();
        NIMBUS_ASSERT(port != 0, "a listener has a port");
    }

    void accept()
    {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (!self->acceptor.is_open())
                return;
            if (!error) {
                if (self->shared->connections.size() >= most_connections)
                    self->end_longest_idle();
                std::make_shared<Connection>(self->shared, std::move(socket))->start();
                return self->accept();
            }
            // Out of descriptors, most likely: connections that end will free some.
            self->end_longest_idle();
            self->retry =
                self->shared->loop.after(std::chrono::milliseconds(50), [self] { self->accept(); });
        });
    }

    void end_longest_idle()
    {
        Connection* longest = nullptr;
        for (auto* connection : shared->connections)
            if (connection->is_idle() &&
                (longest == nullptr || connection->deadline() < longest->deadline()))
                longest = connection;
        if (longest != nullptr)
            longest->close();
    }

    void close()
    {
        NIMBUS_ASSERT(shared->loop.is_owned_by_this_thread(),
                      "a server ends on its loop's thread, or after the loop");
        error_code ignored;
        acceptor.close(ignored);
        retry.cancel();
        const auto connections = shared->connections;
        for (auto* connection : connections)
            connection->close();
    }

    std::shared_ptr<Shared> shared;
    tcp::acceptor acceptor;
    net::Registration retry;
    std::uint16_t port = 0;
};

Server::Server(net::EventLoop& loop, ServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(handler)))
{
    NIMBUS_ASSERT(impl_->shared->handler != nullptr, "a server has a handler");
    impl_->accept();
}

Server::~Server()
{
    impl_->close();
}

std::uint16_t Server::port() const noexcept
{
    return impl_->port;
}

const std::string& Server::address() const noexcept
{
    return impl_->shared->options.address;
}

std::size_t Server::connections() const noexcept
{
    NIMBUS_ASSERT(impl_->shared->loop.is_owned_by_this_thread(),
                  "connections are counted on the loop's thread");
    return impl_->shared->connections.size();
}

} // namespace nimbus::http
