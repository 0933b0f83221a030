#pragma once

#include "base/time.h"

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace nimbus::local::gateway {

/// What the gateway itself knows of a request.
struct RequestFacts {
    std::string request_id; ///< the form of HTTP APIs: base64 of 11 bytes, "b1eTFgYfIAMEcKg="
    std::string trace_id;   ///< the form of X-Ray: "Root=1-<seconds>-<96 bits>", hexadecimal
    SystemTime time;
    std::string time_text; ///< 01/Dec/2024:12:00:00 +0000
    std::uint16_t port = 0;
};

/// Makes them. Identifiers are unique, not secret. Texts that hold for a second are made once a
/// second. Belongs to one thread.
class FactsSource {
public:
    explicit FactsSource(Clock clock);

    RequestFacts next(std::uint16_t port);
    std::string new_request_id();
    /// Sun, 01 Dec 2024 12:00:00 GMT, of now.
    const std::string& http_date();

private:
    SystemTime tick();

    Clock clock_;
    std::mt19937_64 random_;
    std::int64_t second_ = -1;
    std::string request_time_;
    std::string http_date_;
};

} // namespace nimbus::local::gateway
