#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>

namespace nimbus::http {

/// The bodies that are on their way to a server, and what they hold together. Clients may begin as
/// many as they like and send them as slowly as they like: beyond the limit, one makes way. That
/// is the oldest of the slow ones, or, where all are fast, the youngest, so that the others get
/// done.
class ArrivingBodies {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Limits {
        std::size_t most_bytes = 0; ///< of all bodies together
        std::size_t slow = 0;       ///< bytes per second; who sends fewer is slow
    };

    struct Body {
        Time began;
        std::size_t bytes = 0;
        std::function<void()> make_way;
    };
    using Place = std::list<Body>::iterator;

    explicit ArrivingBodies(Limits limits) : limits_(limits) {}

    /// `make_way` is called at most once, in a `grow` of this body or another one, and ends it.
    Place begin(Time now, std::function<void()> make_way);
    void grow(Place body, std::size_t bytes, Time now);
    /// It is complete, or does not go on.
    void end(Place body);

private:
    Place next_to_make_way(Time now);

    Limits limits_;
    std::list<Body> bodies_; ///< the oldest first
    std::size_t bytes_ = 0;
};

} // namespace nimbus::http
