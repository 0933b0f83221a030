#include "local/gateway/request_facts.h"

#include "base/random.h"

#include <cstring>
#include <utility>

namespace nimbus::local::gateway {
namespace {

std::uint64_t seed()
{
    const auto bytes = random_bytes(sizeof(std::uint64_t));
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

void append_hex(std::string& out, std::uint64_t value, int digits)
{
    constexpr std::string_view alphabet = "0123456789abcdef";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        out += alphabet[(value >> shift) & 15];
}

} // namespace

FactsSource::FactsSource(Clock clock) : clock_(std::move(clock)), random_(seed()) {}

SystemTime FactsSource::tick()
{
    const auto now = clock_();
    const auto second = to_unix_seconds(now);
    if (second != std::exchange(second_, second)) {
        request_time_ = format_request_time(now);
        http_date_ = format_http_date(now);
    }
    return now;
}

std::string FactsSource::new_request_id()
{
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string id;
    id.reserve(16);
    auto bits = random_();
    for (int i = 0; i < 10; ++i, bits >>= 6)
        id += alphabet[bits & 63];
    bits = random_();
    for (int i = 0; i < 4; ++i, bits >>= 6)
        id += alphabet[bits & 63];
    // The last character before the padding carries four bits only.
    id += alphabet[(bits & 15) << 2];
    id += '=';
    return id;
}

RequestFacts FactsSource::next(std::uint16_t port)
{
    RequestFacts facts;
    facts.time = tick();
    facts.time_text = request_time_;
    facts.port = port;
    facts.request_id = new_request_id();
    facts.trace_id.reserve(40);
    facts.trace_id = "Root=1-";
    append_hex(facts.trace_id, static_cast<std::uint64_t>(second_), 8);
    facts.trace_id += '-';
    append_hex(facts.trace_id, random_(), 16);
    append_hex(facts.trace_id, random_(), 8);
    return facts;
}

const std::string& FactsSource::http_date()
{
    tick();
    return http_date_;
}

} // namespace nimbus::local::gateway
