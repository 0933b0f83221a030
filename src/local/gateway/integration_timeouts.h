#pragma once

#include "base/time.h"
#include "net/event_loop.h"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <map>

namespace nimbus::local::gateway {

/// Something that waits for an integration. It leaves its list when it is destroyed or unlinked,
/// which is how waiting ends in time.
class Waiting : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual ~Waiting() = default;
    virtual void time_out() = 0;

private:
    friend class IntegrationTimeouts;
    Deadline deadline_ = Deadline::never();
};

/// Deadlines of requests under way, at the cost of a list entry each: requests with the same
/// timeout expire in the order of their arrival, so that each timeout needs one list and one timer,
/// which is set again no more often than once per timeout. Belongs to the loop's thread.
///
/// A request enters at the end of its timeout's lane, in `watch`. It leaves from anywhere, by being
/// answered (`unlink`) or given up (destroyed), or from the front, when its time is over. The timer
/// of a lane goes off when the request that was first when it was set would expire, and may find
/// that one gone.
class IntegrationTimeouts {
public:
    explicit IntegrationTimeouts(net::EventLoop& loop) : loop_(loop) {}

    /// Calls `waiting.time_out()` after `timeout`, unless it is unlinked or destroyed before. The
    /// moment is returned for those who work for the request in the meantime.
    Deadline watch(Waiting& waiting, std::chrono::milliseconds timeout);

private:
    struct Lane {
        boost::intrusive::list<Waiting, boost::intrusive::constant_time_size<false>> waiting;
        net::Registration timer;
    };

    void arm(Lane& lane);
    void expire(Lane& lane);

    net::EventLoop& loop_;
    std::map<std::chrono::milliseconds, Lane> lanes_;
};

} // namespace nimbus::local::gateway
