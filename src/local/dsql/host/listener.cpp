#include "local/dsql/host/listener.h"

#include "base/assert.h"
#include "base/error.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace nimbus::local::dsql {
namespace {

UniqueFd make_event()
{
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        throw_system_error(errno, "Cannot create an event descriptor");
    return event;
}

void prepare(int client)
{
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

} // namespace

Listener::Listener(UniqueFd socket, ListenerOptions options)
    : socket_(std::move(socket)), options_(std::move(options)), stop_(make_event()),
      ended_(make_event()), acceptor_(std::make_unique<SmallThread>([this] { run(); }))
{
}

Listener::~Listener()
{
    static_cast<void>(::eventfd_write(stop_.get(), 1));
    acceptor_.reset();
}

void Listener::run()
{
    // Connections wait in the backlog until a descriptor is free again, which may be one of another
    // part of the process: hence the look from time to time.
    constexpr int patience = 100;
    for (;;) {
        std::array<pollfd, 3> events{{{stop_.get(), POLLIN, 0},
                                      {ended_.get(), POLLIN, 0},
                                      {out_of_descriptors_ ? -1 : socket_.get(), POLLIN, 0}}};
        ::poll(events.data(), events.size(), out_of_descriptors_ ? patience : -1);
        out_of_descriptors_ = false;
        join_finished();
        if (events[0].revents != 0)
            break;
        if (events[2].revents != 0)
            accept_all();
    }
    socket_.reset();
    connections_.clear(); // joins
}

void Listener::accept_all()
{
    for (;;) {
        UniqueFd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            out_of_descriptors_ = errno != EAGAIN;
            return;
        }
        prepare(client.get());
        begin(std::move(client));
    }
}

void Listener::begin(UniqueFd client)
{
    const bool refused = serving_ >= options_.max_connections && !make_room();
    if (refused && refusing_ >= options_.max_refusals)
        return;
    const auto connection = connections_.insert(connections_.end(), {nullptr, refused});
    if (!refused) {
        UniqueFd socket(::fcntl(client.get(), F_DUPFD_CLOEXEC, 0));
        const MutexLock lock(mutex_);
        if (socket)
            logging_in_.push_back({&*connection, std::move(socket)});
    }
    try {
        connection->thread = std::make_unique<SmallThread>(
            [this, connection, refused, client = std::move(client)]() mutable {
                if (refused)
                    options_.refuse(std::move(client), stop_.get());
                else
                    options_.serve(std::move(client), stop_.get(),
                                   [this, connection] { logged_in(*connection); });
                finish(connection);
            });
    } catch (const Error&) {
        logged_in(*connection);
        connections_.erase(connection);
        return;
    }
    ++(refused ? refusing_ : serving_);
}

/// Ends the oldest connection that has not logged in; false when there is none.
bool Listener::make_room()
{
    const MutexLock lock(mutex_);
    if (logging_in_.empty())
        return false;
    ::shutdown(logging_in_.front().socket.get(), SHUT_RDWR);
    logging_in_.pop_front();
    return true;
}

void Listener::logged_in(const Connection& connection)
{
    const MutexLock lock(mutex_);
    std::erase_if(logging_in_, [&](const auto& each) { return each.connection == &connection; });
}

void Listener::finish(Connections::iterator connection)
{
    logged_in(*connection);
    const MutexLock lock(mutex_);
    finished_.push_back(connection);
    static_cast<void>(::eventfd_write(ended_.get(), 1));
}

void Listener::join_finished()
{
    std::vector<Connections::iterator> finished;
    {
        const MutexLock lock(mutex_);
        finished.swap(finished_);
        eventfd_t ignored = 0;
        static_cast<void>(::eventfd_read(ended_.get(), &ignored));
    }
    for (const auto& connection : finished) {
        auto& count = connection->refused ? refusing_ : serving_;
        NIMBUS_ASSERT(count > 0 && connection->thread, "what is joined was counted, and runs");
        --count;
        connections_.erase(connection);
    }
}

} // namespace nimbus::local::dsql
