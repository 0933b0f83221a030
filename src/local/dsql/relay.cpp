#include "local/dsql/relay.h"

#include "base/assert.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sched.h>
#include <utility>

namespace nimbus::local::dsql {
namespace {

constexpr std::size_t read_limit = 64 * 1024;
/// What a client may send ahead while it waits for an answer.
constexpr std::size_t read_ahead_limit = 256 * 1024;
/// At least that often somebody looks who keeps a statement waiting.
constexpr std::chrono::milliseconds last_look{1000};
/// At most for so long only one of the sockets is looked at.
constexpr std::chrono::milliseconds longest_spinning{1};

/// The database's end of the session is gone.
class DatabaseLost : public std::exception {};

void send(Channel& channel, std::string& backlog, std::string_view bytes)
{
    if (!backlog.empty()) {
        backlog += bytes;
        return;
    }
    backlog = bytes.substr(channel.write_available(bytes));
}

void send_backlog(Channel& channel, std::string& backlog)
{
    const auto sent = channel.write_available(backlog);
    NIMBUS_ASSERT(sent <= backlog.size(), "no more is sent than there is");
    backlog.erase(0, sent);
}

} // namespace

void Relay::to_client(std::string_view bytes)
{
    if (!bytes.empty())
        send(client_, client_backlog_, bytes);
}

void Relay::to_database(std::string_view bytes)
{
    if (bytes.empty())
        return;
    try {
        send(database_.channel(), database_backlog_, bytes);
    } catch (const ChannelClosed&) {
        throw DatabaseLost();
    }
}

void Relay::drain_database_backlog()
{
    try {
        send_backlog(database_.channel(), database_backlog_);
    } catch (const ChannelClosed&) {
        throw DatabaseLost();
    }
}

bool Relay::finish(const Deadline& deadline)
{
    client_.write(client_backlog_, deadline);
    client_backlog_.clear();
    return !conversation_.is_within_message();
}

void Relay::process_client()
{
    Outgoing out;
    const auto taken = conversation_.from_client(from_client_.view(), out);
    to_database(out.bytes());
    from_client_.take(taken);
}

void Relay::process_database()
{
    Outgoing client;
    Outgoing database;
    const auto taken = conversation_.from_server(from_database_.view(), client, database);
    to_client(client.bytes());
    to_database(database.bytes());
    from_database_.take(taken);
}

/// What the client said, and what had to wait until it was taken.
void Relay::serve_client()
{
    process_client();
    work();
}

/// What cannot be done while messages are under way, and what the client said behind it.
void Relay::work()
{
    while (conversation_.has_work()) {
        NIMBUS_ASSERT(from_database_.size() == 0 && database_backlog_.empty(),
                      "the database has answered everything");
        Outgoing database;
        try {
            conversation_.work(database);
        } catch (const ChannelClosed&) {
            throw DatabaseLost();
        } catch (const TimedOut&) {
            throw DatabaseLost();
        }
        to_database(database.bytes());
        if (!conversation_.client_waits())
            process_client();
    }
}

void Relay::look_who_is_in_the_way()
{
    if (conversation_.may_wait())
        backstage_.clear_the_way(conversation_.loss_of_others(), looks_++);
}

/// For how long the sockets are waited for.
std::chrono::milliseconds Relay::patience(const Deadline& deadline) const
{
    auto longest = deadline.remaining();
    if (const auto& pause = conversation_.pause())
        longest = std::min(longest, pause->remaining());
    if (conversation_.may_wait())
        longest = std::min(longest, DatabaseBackstage::patience(looks_, last_look));
    return longest;
}

bool Relay::client_sends()
{
    const auto before = from_client_.size();
    try {
        more_from_client_ = client_.read_available(from_client_, read_limit);
    } catch (const ChannelClosed&) {
        // What it sent before it left is still executed, as PostgreSQL would.
        if (!conversation_.client_waits() || from_client_.size() == 0)
            throw;
        client_left_ = true;
        more_from_client_ = false;
    }
    if (from_client_.size() == before && !client_left_)
        return false;
    serve_client();
    return true;
}

bool Relay::database_sends()
{
    bool has_sent = false;
    bool more = true;
    while (more && client_backlog_.empty()) {
        const auto before = from_database_.size();
        try {
            more = database_.channel().read_available(from_database_, read_limit);
        } catch (const ChannelClosed&) {
            throw DatabaseLost();
        }
        if (from_database_.size() == before)
            break;
        has_sent = true;
        const bool waited = conversation_.client_waits();
        process_database();
        looks_ = 0;
        work();
        if (waited && !conversation_.client_waits())
            serve_client();
    }
    return has_sent;
}

bool Relay::may_read_client() const noexcept
{
    return database_backlog_.empty() && !client_left_ &&
           (!conversation_.client_waits() || from_client_.size() < read_ahead_limit);
}

/// Of who speaks next.
SpinWindow& Relay::window() noexcept
{
    return conversation_.busy() ? database_window_ : client_window_;
}

/// Looks for the next bytes for a short while, if there is nothing else to do. True when some came.
bool Relay::spin()
{
    const bool is_databases_turn = conversation_.busy();
    if (wait_began_ - looked_at_all_ > longest_spinning || !client_backlog_.empty() ||
        !database_backlog_.empty() || conversation_.pause() ||
        (!is_databases_turn && !may_read_client()))
        return false;
    auto& window = this->window();
    const auto end = wait_began_ + window.length();
    for (auto now = wait_began_; now < end;) {
        ::sched_yield(); // to the database, where processors are few
        const auto before = std::exchange(now, SpinWindow::Clock::now());
        const bool has_lost_processor = now - before > SpinWindow::longest;
        if (has_lost_processor)
            window.lost_processor();
        if (is_databases_turn ? database_sends() : client_sends()) {
            window.waited(now - wait_began_);
            return true;
        }
        if (has_lost_processor)
            return false;
    }
    return false;
}

Relay::End Relay::run(const Deadline& deadline)
{
    NIMBUS_ASSERT(!std::exchange(has_run_, true), "a session is carried once");
    enum Place : std::size_t { client, database, stop, make_way };
    std::array<pollfd, 4> places{{{client_.fd(), 0, 0},
                                  {database_.channel().fd(), 0, 0},
                                  {stop_fd_, POLLIN, 0},
                                  {backstage_.fd(), POLLIN, 0}}};
    try {
        serve_client(); // what came right behind the password
        for (;;) {
            if (conversation_.pause() && conversation_.pause()->reached()) {
                conversation_.resume();
                serve_client();
            }
            if (conversation_.is_cut_off())
                return End::fault;
            if (conversation_.terminated() ||
                (client_left_ && !conversation_.client_waits() && !conversation_.busy()))
                return End::client;
            const bool may_read = may_read_client();
            if (more_from_client_ && may_read) {
                client_sends();
                continue;
            }
            wait_began_ = SpinWindow::Clock::now();
            if (spin())
                continue;
            places[client].events = static_cast<short>((may_read ? POLLIN : 0) |
                                                       (client_backlog_.empty() ? 0 : POLLOUT));
            places[client].fd = client_left_ ? -1 : client_.fd();
            places[database].events = static_cast<short>((client_backlog_.empty() ? POLLIN : 0) |
                                                         (database_backlog_.empty() ? 0 : POLLOUT));
            places[make_way].fd = conversation_.makes_way() ? -1 : backstage_.fd();
            auto& window = this->window();
            // Then it was only time to look at all of them.
            const bool will_spin = wait_began_ - looked_at_all_ > longest_spinning &&
                                   window.length() > SpinWindow::Duration::zero();
            const auto timeout = will_spin ? 0 : static_cast<int>(patience(deadline).count());
            if (!will_spin) {
                // Hundreds of sessions may sleep for long.
                from_client_.give_back();
                from_database_.give_back();
            }
            const int ready = ::poll(places.data(), places.size(), timeout);
            if (ready < 0 && errno != EINTR)
                return End::database;
            looked_at_all_ = SpinWindow::Clock::now();
            if (!will_spin)
                window.waited(looked_at_all_ - wait_began_);
            else if (ready == 0)
                continue;
            if (deadline.reached())
                return End::time;
            if (ready == 0)
                look_who_is_in_the_way();
            if (ready <= 0)
                continue;
            if (places[stop].revents != 0)
                return End::stop;
            if (places[make_way].revents != 0) {
                conversation_.has_to_make_way();
                work();
            }
            if ((places[client].revents & POLLOUT) != 0)
                send_backlog(client_, client_backlog_);
            if ((places[database].revents & POLLOUT) != 0)
                drain_database_backlog();
            if ((places[database].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                database_sends();
            if ((places[client].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && may_read)
                client_sends();
            else if ((places[client].revents & (POLLHUP | POLLERR)) != 0)
                return End::client;
        }
    } catch (const DatabaseLost&) {
        return End::database;
    } catch (const ChannelClosed&) {
        return End::client;
    }
}

} // namespace nimbus::local::dsql
