#include "http/arriving_bodies.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nimbus::http {
namespace {

/// Who holds less is not worth refusing.
constexpr std::size_t worth_it = 64 * 1024;

bool is_worth_it(const ArrivingBodies::Body& body)
{
    return body.bytes >= worth_it;
}

} // namespace

ArrivingBodies::Place ArrivingBodies::begin(Time now, std::function<void()> make_way)
{
    return bodies_.insert(bodies_.end(),
                          {.began = now, .bytes = 0, .make_way = std::move(make_way)});
}

void ArrivingBodies::grow(Place body, std::size_t bytes, Time now)
{
    body->bytes += bytes;
    bytes_ += bytes;
    while (bytes_ > limits_.most_bytes) {
        const auto leaving = next_to_make_way(now);
        const auto make_way = std::move(leaving->make_way);
        end(leaving);
        make_way();
    }
}

void ArrivingBodies::end(Place body)
{
    bytes_ -= body->bytes;
    bodies_.erase(body);
}

ArrivingBodies::Place ArrivingBodies::next_to_make_way(Time now)
{
    const auto is_slow = [&](const Body& body) {
        const std::chrono::duration<double> age = now - body.began;
        return is_worth_it(body) &&
               static_cast<double>(body.bytes) < static_cast<double>(limits_.slow) * age.count();
    };
    if (const auto slow = std::ranges::find_if(bodies_, is_slow); slow != bodies_.end())
        return slow;
    const auto youngest = std::find_if(bodies_.rbegin(), bodies_.rend(), is_worth_it);
    return youngest == bodies_.rend() ? std::prev(bodies_.end()) : std::prev(youngest.base());
}

} // namespace nimbus::http
