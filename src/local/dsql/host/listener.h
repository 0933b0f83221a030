#pragma once

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "local/dsql/host/small_thread.h"
#include "local/dsql/session.h"

#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace nimbus::local::dsql {

/// Serves one connection on the calling thread; `stop_fd` becomes readable when it has to end.
/// Calls `logged_in` once its client has shown who it is.
using Serve = std::function<void(UniqueFd client, int stop_fd, const LoggedIn& logged_in)>;

struct ListenerOptions {
    /// Served at a time. Who has not logged in has no claim: the oldest of these makes way.
    unsigned max_connections = 200;
    Serve serve;
    /// Says no to a connection beyond the limit; up to `max_refusals` at a time, and what comes
    /// then is closed without a word.
    std::function<void(UniqueFd client, int stop_fd)> refuse;
    unsigned max_refusals = 32;
};

/// Accepts connections and gives each a thread. The destructor ends them (through stop_fd) and
/// returns when all threads are gone.
///
/// Where a connection is: in the kernel's backlog, until the accepting thread gets to it; then in
/// `connections_`, which that thread alone touches, with a thread of its own; at the end also in
/// `finished_`, where its thread puts it as the last thing it does, and wakes the accepting thread
/// to be joined. Until its client has logged in, its socket is in `logging_in_`, too, where the
/// accepting thread shuts it down when others need the room. What can race are those two at
/// `finished_` and `logging_in_`, and the destructor's thread, which touches nothing but the event
/// `stop_`.
class Listener {
public:
    /// `socket` listens and is non-blocking.
    Listener(UniqueFd socket, ListenerOptions options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

private:
    struct Connection {
        std::unique_ptr<SmallThread> thread;
        bool refused = false;
    };
    using Connections = std::list<Connection>;
    /// A descriptor of its own for the socket of a connection.
    struct Newcomer {
        const Connection* connection;
        UniqueFd socket;
    };

    void run();
    void accept_all();
    void begin(UniqueFd client);
    bool make_room() NIMBUS_EXCLUDES(mutex_);
    void logged_in(const Connection& connection) NIMBUS_EXCLUDES(mutex_);
    void finish(Connections::iterator connection) NIMBUS_EXCLUDES(mutex_);
    void join_finished() NIMBUS_EXCLUDES(mutex_);

    UniqueFd socket_;
    ListenerOptions options_;
    UniqueFd stop_;  ///< eventfd, readable for good once the destructor runs
    UniqueFd ended_; ///< eventfd, readable while `finished_` has something
    // Touched by the accepting thread alone.
    Connections connections_;
    unsigned serving_ = 0;
    unsigned refusing_ = 0;
    bool out_of_descriptors_ = false;

    Mutex mutex_;
    /// Whose threads are about to end.
    std::vector<Connections::iterator> finished_ NIMBUS_GUARDED_BY(mutex_);
    std::list<Newcomer> logging_in_ NIMBUS_GUARDED_BY(mutex_); ///< the oldest first
    std::unique_ptr<SmallThread> acceptor_;
};

} // namespace nimbus::local::dsql
