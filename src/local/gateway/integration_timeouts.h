#pragma once

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
    std::chrono::steady_clock::time_point deadline_;
};

/// Deadlines of requests under way, at the cost of a list entry each: requests with the same
/// timeout expire in the order of their arrival, so that each timeout needs one list and one timer,
/// which is set again no more often than once per timeout. Belongs to the loop's thread.
class IntegrationTimeouts {
public:
    explicit IntegrationTimeouts(net::EventLoop& loop) : loop_(loop) {}

    /// Calls `waiting.time_out()` after `timeout`, unless it is unlinked or destroyed before.
    void watch(Waiting& waiting, std::chrono::milliseconds timeout);

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
