#include "local/runtime_api/runtime_endpoint.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/random.h"
#include "local/runtime_api/request_reader.h"
#include "net/socket_owner.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace nimbus::local {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

/// Runtimes use one connection, or one per request; more are leaked ones.
constexpr std::size_t max_connections = 32;

/// An address of 127.128.0.0/9 that nobody else has, as good as certainly: a process that a crashed
/// cloud left behind and that still asks at its old port finds nobody, instead of the next instance
/// that was given that port. Databases are in 127.64.0.0/10.
asio::ip::address_v4 own_address()
{
    const auto random = random_bytes(3);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(random[i]); };
    return asio::ip::address_v4({127, static_cast<unsigned char>(128U | byte(0)), byte(1),
                                 static_cast<unsigned char>(1U + byte(2) % 254U)});
}

net::LoopbackEnd end_of(const tcp::endpoint& endpoint)
{
    return {endpoint.address().to_v4().to_uint(), endpoint.port()};
}

enum class State { starting, waiting, running, answered };

std::string_view name_of(State state) noexcept
{
    switch (state) {
    case State::starting:
        return "Started";
    case State::waiting:
        return "Ready";
    case State::running:
        return "Running";
    case State::answered:
        return "InvocationResponse";
    }
    return "";
}

/// The path of a request: which of the API's resources, and for which invocation.
struct Resource {
    enum class Kind { unknown, next, response, error, init_error };
    Kind kind = Kind::unknown;
    std::string_view request_id;
};

Resource resource_of(std::string_view target) noexcept
{
    constexpr std::string_view base = "/2018-06-01/runtime/";
    if (!target.starts_with(base))
        return {};
    target.remove_prefix(base.size());
    target = target.substr(0, target.find('?'));
    if (target == "invocation/next")
        return {Resource::Kind::next, {}};
    if (target == "init/error")
        return {Resource::Kind::init_error, {}};
    constexpr std::string_view invocation = "invocation/";
    if (!target.starts_with(invocation))
        return {};
    target.remove_prefix(invocation.size());
    const auto slash = target.find('/');
    const auto verb = slash == std::string_view::npos ? "" : target.substr(slash + 1);
    if (verb == "response")
        return {Resource::Kind::response, target.substr(0, slash)};
    if (verb == "error")
        return {Resource::Kind::error, target.substr(0, slash)};
    return {};
}

} // namespace

class RuntimeEndpoint::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::EventLoop& loop, RuntimeObserver& observer, Log log);

    void accept();
    void accept_arrived();
    void close();
    void handle(Connection& connection, RuntimeRequest& request);
    bool send(const RuntimeEvent& event);
    void read_arrived();
    void lost(Connection& connection);
    /// Logs that something was refused to the runtime, and in which state.
    void log_refusal(int status, std::string_view type) const;

    asio::io_context& context;
    tcp::acceptor acceptor;
    tcp::endpoint here;        ///< where it listens
    bool knows_owners = false; ///< does the kernel tell whose sockets are?
    uid_t user = ::geteuid();  ///< whose runtime is spoken to
    Connection* waiting = nullptr;

private:
    void adopt(tcp::socket socket);
    bool is_ours(const tcp::socket& socket) const;
    void next(Connection& connection);
    void outcome(Connection& connection, const Resource& resource, RuntimeRequest& request);
    void init_error(Connection& connection, RuntimeRequest& request);
    void refuse_transition(Connection& connection, State wanted);

    bool is_on_loop() const noexcept { return loop_.is_owned_by_this_thread(); }

    RuntimeObserver* observer_; ///< null once closed
    net::EventLoop& loop_;
    Log log_;
    net::Registration retry_;
    std::vector<std::shared_ptr<Connection>> connections_;
    State state_ = State::starting;
    std::string request_id_;
};

/// Requests are handled one after the other, and none while an earlier one waits for an event. The
/// callers of its functions hold it.
class RuntimeEndpoint::Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Impl> endpoint, tcp::socket socket)
        : endpoint_(std::move(endpoint)), socket_(std::move(socket)), reader_(max_runtime_answer)
    {
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
    }

    bool closed() const noexcept { return endpoint_ == nullptr; }

    /// Reading into a buffer of its own costs a copy, where waiting for the socket to be readable
    /// would cost a system call for each request. What `receive` takes meanwhile comes first.
    void wait()
    {
        socket_.async_read_some(
            asio::buffer(arrived_),
            [self = shared_from_this()](const error_code& error, std::size_t count) {
                if (self->closed())
                    return;
                if (error)
                    return self->close();
                self->take(std::string_view(self->arrived_.data(), count));
                if (!self->closed() && count == self->arrived_.size())
                    self->receive();
                if (!self->closed())
                    self->wait();
            });
    }

    void receive()
    {
        for (bool more = true; more && !closed();) {
            const auto space = reader_.space();
            const auto got =
                ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
            if (got > 0) {
                reader_.received(static_cast<std::size_t>(got));
                process();
                more = static_cast<std::size_t>(got) == space.size();
            } else {
                // Also zero when a runtime that waits for an event sends until the buffer is full.
                if (got == 0 || (errno != EAGAIN && errno != EINTR))
                    close();
                more = false;
            }
        }
    }

    void take(std::string_view bytes)
    {
        while (!bytes.empty() && !closed()) {
            const auto space = reader_.space();
            if (space.empty()) // a runtime that waits for an event has filled the buffer
                return close();
            const auto some = bytes.substr(0, space.size());
            std::ranges::copy(some, space.begin());
            reader_.received(some.size());
            bytes.remove_prefix(some.size());
            process();
        }
    }

    void append(std::string_view bytes) { output_ += bytes; }

    void refuse(int status, std::string_view type, std::string_view message)
    {
        endpoint_->log_refusal(status, type);
        append_refusal(output_, status, type, message);
        hurry_ = true;
    }

    /// In one write with what was held back; false when the connection is broken.
    bool send(const RuntimeEvent& event)
    {
        append_event_head(output_, event);
        write(event.payload);
        if (!closed() && reader_.has_unread_bytes())
            asio::post(endpoint_->context, [self = shared_from_this()] { self->process(); });
        return !closed();
    }

    void close()
    {
        if (closed())
            return;
        const auto endpoint = std::exchange(endpoint_, nullptr);
        error_code ignored;
        socket_.close(ignored);
        endpoint->lost(*this);
    }

private:
    bool is_waiting() const noexcept { return endpoint_->waiting == this; }

    void process()
    {
        while (!closed() && !is_waiting() && !last_request_) {
            const auto step = reader_.next();
            if (step == RequestReader::Step::complete) {
                auto& request = reader_.request();
                last_request_ = !request.keep_alive;
                endpoint_->handle(*this, request);
                continue;
            }
            if (step == RequestReader::Step::malformed) {
                last_request_ = true;
                refuse(400, "InvalidRequest",
                       "The request is not HTTP/1.1, or its head is too large");
            } else if (reader_.take_expectation()) {
                append(continue_answer());
            }
            break;
        }
        if (closed())
            return;
        // A runtime that asks for the next event in one go with its answer gets both answers in one
        // write, too.
        if (!output_.empty() && (hurry_ || !is_waiting()))
            write({});
    }

    void write(std::string_view payload)
    {
        hurry_ = false;
        if (writing_) {
            output_ += payload;
            return;
        }
        std::array<iovec, 2> parts{{{output_.data(), output_.size()},
                                    {const_cast<char*>(payload.data()), payload.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = payload.empty() ? 1 : 2;
        const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return close();
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        if (done == output_.size() + payload.size()) {
            output_.clear();
            return written();
        }
        const auto of_output = std::min(done, output_.size());
        rest_.assign(output_, of_output);
        rest_ += payload.substr(done - of_output);
        output_.clear();
        write_rest();
    }

    void write_rest()
    {
        writing_ = true;
        asio::async_write(socket_, asio::buffer(rest_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (self->closed())
                                  return;
                              if (error)
                                  return self->close();
                              self->writing_ = false;
                              std::string().swap(self->rest_);
                              if (self->output_.empty())
                                  return self->written();
                              self->rest_.swap(self->output_);
                              self->write_rest();
                          });
    }

    void written()
    {
        // The runtime closes when it has read: closing first could take the answer from it.
        error_code ignored;
        if (last_request_ && !is_waiting())
            socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }

    std::shared_ptr<Impl> endpoint_; ///< null once closed
    tcp::socket socket_;
    std::array<char, 4 * 1024> arrived_{};
    RequestReader reader_;
    std::string output_; ///< answers that are not written yet
    std::string rest_;   ///< of a write that the socket's buffer had no room for
    bool writing_ = false;
    bool hurry_ = false;        ///< output_ has something that does not wait for the next event
    bool last_request_ = false; ///< the runtime wants the connection closed, or speaks nonsense
};

RuntimeEndpoint::Impl::Impl(net::EventLoop& loop, RuntimeObserver& observer, Log log)
    : context(loop.context()), acceptor(context), observer_(&observer), loop_(loop),
      log_(std::move(log))
{
    NIMBUS_ASSERT(is_on_loop(), "endpoints are made on the loop's thread");
    error_code error;
    acceptor.open(tcp::v4(), error);
    if (!error)
        acceptor.bind({own_address(), 0}, error);
    if (!error)
        acceptor.listen(static_cast<int>(max_connections), error);
    if (!error)
        acceptor.non_blocking(true, error);
    if (!error)
        here = acceptor.local_endpoint(error);
    if (error)
        throw Error("Cannot listen for a function's runtime on the loopback network: " +
                    error.message());
    knows_owners = net::loopback_socket_owner(end_of(here), {}) == ::geteuid();
}

void RuntimeEndpoint::Impl::accept()
{
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (!self->acceptor.is_open())
            return;
        if (!error) {
            self->adopt(std::move(socket));
            return self->accept();
        }
        // Out of descriptors, most likely: connections that end will free some.
        self->retry_ = self->loop_.after(std::chrono::milliseconds(20), [self] { self->accept(); });
    });
}

void RuntimeEndpoint::Impl::adopt(tcp::socket socket)
{
    if (connections_.size() >= max_connections)
        return log_.warning("A runtime has too many connections",
                            {{"connections", connections_.size()}});
    if (!is_ours(socket))
        return log_.warning("Another user's connection was refused");
    connections_.push_back(std::make_shared<Connection>(shared_from_this(), std::move(socket)));
    connections_.back()->wait();
}

bool RuntimeEndpoint::Impl::is_ours(const tcp::socket& socket) const
{
    if (!knows_owners)
        return true;
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    return !error && net::loopback_socket_owner(end_of(peer), end_of(here)) == user;
}

void RuntimeEndpoint::Impl::log_refusal(int status, std::string_view type) const
{
    log_.warning("A runtime's request was refused",
                 {{"invocation_id", request_id_}, // the last one there was
                  {"status", status},
                  {"error_type", type},
                  {"state", name_of(state_)}});
}

void RuntimeEndpoint::Impl::read_arrived()
{
    NIMBUS_ASSERT(is_on_loop(), "runtimes are heard on the loop's thread");
    for (error_code error; acceptor.is_open() && !error;) {
        tcp::socket socket(context);
        acceptor.accept(socket, error);
        if (!error)
            adopt(std::move(socket));
    }
    const auto connections = connections_;
    for (const auto& connection : connections)
        connection->receive();
}

void RuntimeEndpoint::Impl::close()
{
    NIMBUS_ASSERT(is_on_loop(), "endpoints are closed on the loop's thread, or after the loop");
    observer_ = nullptr;
    error_code ignored;
    acceptor.close(ignored);
    retry_.cancel();
    const auto connections = connections_;
    for (const auto& connection : connections)
        connection->close();
}

void RuntimeEndpoint::Impl::lost(Connection& connection)
{
    std::erase_if(connections_, [&](const auto& each) { return each.get() == &connection; });
    if (waiting != &connection)
        return;
    waiting = nullptr;
    state_ = State::answered;
    if (observer_ != nullptr)
        observer_->runtime_left();
}

void RuntimeEndpoint::Impl::handle(Connection& connection, RuntimeRequest& request)
{
    NIMBUS_ASSERT(is_on_loop() && observer_ != nullptr, "a closed endpoint hears nothing");
    const auto resource = resource_of(request.target);
    if (resource.kind == Resource::Kind::unknown)
        return connection.refuse(404, "NotFound", "The Runtime API has no such path");
    if (request.method != (resource.kind == Resource::Kind::next ? "GET" : "POST"))
        return connection.refuse(405, "MethodNotAllowed", "The path takes another method");
    switch (resource.kind) {
    case Resource::Kind::next:
        return next(connection);
    case Resource::Kind::init_error:
        return init_error(connection, request);
    default:
        return outcome(connection, resource, request);
    }
}

void RuntimeEndpoint::Impl::next(Connection& connection)
{
    if (state_ == State::running)
        return refuse_transition(connection, State::waiting);
    // A runtime has one thread that waits: the older connection is one that it has left.
    if (waiting != nullptr) {
        waiting->shared_from_this()->close();
        if (connection.closed())
            return;
    }
    NIMBUS_ASSERT(waiting == nullptr, "one connection waits for the next event");
    state_ = State::waiting;
    waiting = &connection;
    observer_->runtime_waits();
}

void RuntimeEndpoint::Impl::outcome(Connection& connection, const Resource& resource,
                                    RuntimeRequest& request)
{
    if (resource.request_id != request_id_)
        return connection.refuse(400, "InvalidRequestID", "Invalid request ID");
    if (state_ != State::running)
        return refuse_transition(connection, State::answered);
    state_ = State::answered;
    if (request.body_bytes > max_runtime_answer) {
        connection.refuse(413, "RequestEntityTooLarge",
                          "Exceeded maximum allowed payload size (" +
                              std::to_string(max_runtime_answer) + " bytes).");
        return observer_->runtime_answered_too_much(request.body_bytes);
    }
    connection.append(accepted_answer());
    if (resource.kind == Resource::Kind::response && request.error_type.empty())
        observer_->runtime_answered(std::move(request.body));
    else
        observer_->runtime_failed(std::move(request.error_type), std::move(request.body));
}

void RuntimeEndpoint::Impl::init_error(Connection& connection, RuntimeRequest& request)
{
    if (state_ != State::starting)
        return connection.refuse(403, "InvalidStateTransition",
                                 "Transition from " + std::string(name_of(state_)) +
                                     " to InitError is not allowed");
    connection.append(accepted_answer());
    observer_->runtime_failed_to_start(std::move(request.error_type), std::move(request.body));
}

void RuntimeEndpoint::Impl::refuse_transition(Connection& connection, State wanted)
{
    connection.refuse(403, "InvalidStateTransition",
                      "Transition from " + std::string(name_of(state_)) + " to " +
                          std::string(name_of(wanted)) + " is not allowed");
}

bool RuntimeEndpoint::Impl::send(const RuntimeEvent& event)
{
    NIMBUS_ASSERT(is_on_loop(), "events are sent on the loop's thread");
    if (waiting == nullptr)
        return false;
    NIMBUS_ASSERT(state_ == State::waiting, "a runtime that waits for an event has none");
    const auto connection = std::exchange(waiting, nullptr)->shared_from_this();
    state_ = State::running;
    request_id_ = event.request_id;
    const bool sent = connection->send(event);
    if (!sent)
        state_ = State::answered;
    return sent;
}

RuntimeEndpoint::RuntimeEndpoint(net::EventLoop& loop, RuntimeObserver& observer, Log log)
    : impl_(std::make_shared<Impl>(loop, observer, std::move(log)))
{
    impl_->accept();
}

RuntimeEndpoint::~RuntimeEndpoint()
{
    impl_->close();
}

void RuntimeEndpoint::belongs_to(uid_t user)
{
    impl_->user = user;
}

std::string RuntimeEndpoint::address() const
{
    return impl_->here.address().to_string() + ":" + std::to_string(impl_->here.port());
}

bool RuntimeEndpoint::waiting() const noexcept
{
    return impl_->waiting != nullptr;
}

bool RuntimeEndpoint::send(const RuntimeEvent& event)
{
    return impl_->send(event);
}

void RuntimeEndpoint::read_arrived()
{
    impl_->read_arrived();
}

void RuntimeEndpoint::close()
{
    impl_->close();
}

} // namespace nimbus::local
