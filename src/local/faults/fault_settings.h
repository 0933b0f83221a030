#pragma once

#include "base/json.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the local cloud is asked to do wrong, so that programs can be seen to bear it.
namespace nimbus::local {

enum class Fault : std::uint8_t {
    conflict,       ///< a transaction that changed rows fails at its end: 40001, OC000
    disconnect,     ///< a database connection ends without a word
    expired_token,  ///< a login is refused as with an expired token
    throttle,       ///< an invocation is throttled
    slow_statement, ///< a statement is executed after `FaultSettings::delay`
    cold_start,     ///< an invocation gets a new instance
};

inline constexpr std::array all_faults{Fault::conflict, Fault::disconnect,     Fault::expired_token,
                                       Fault::throttle, Fault::slow_statement, Fault::cold_start};

/// As people write it: "conflicts", "expired-tokens".
std::string_view name_of(Fault fault) noexcept;
std::optional<Fault> fault_named(std::string_view name) noexcept;

/// How often something happens, from never to always, in steps of a ten-thousandth of a percent.
class Rate {
public:
    static constexpr std::uint32_t always = 1'000'000;

    constexpr Rate() = default;
    /// From 0 to 100; nothing for other numbers, nor for what is less than a step and not 0.
    static std::optional<Rate> from_percent(double percent) noexcept;
    /// "5%" or "0.5%"; nothing for anything else.
    static std::optional<Rate> parse(std::string_view text) noexcept;

    constexpr bool is_never() const noexcept { return millionths_ == 0; }
    constexpr std::uint32_t millionths() const noexcept { return millionths_; }
    double percent() const noexcept;
    std::string text() const; ///< "0.5%"

    friend constexpr bool operator==(Rate, Rate) = default;

private:
    constexpr explicit Rate(std::uint32_t millionths) : millionths_(millionths) {}

    std::uint32_t millionths_ = 0;
};

struct FaultSettings {
    static constexpr std::chrono::milliseconds shortest_delay{1};
    /// DSQL's longest transaction.
    static constexpr std::chrono::milliseconds longest_delay{300'000};

    std::array<Rate, all_faults.size()> rates{};
    std::chrono::milliseconds delay{500}; ///< of slow statements
    std::uint32_t seed = 0;

    Rate& rate(Fault fault) noexcept { return rates[static_cast<std::size_t>(fault)]; }
    Rate rate(Fault fault) const noexcept { return rates[static_cast<std::size_t>(fault)]; }
    bool is_off() const noexcept;

    friend bool operator==(const FaultSettings&, const FaultSettings&) = default;
};

/// {"faults": [{"fault": "conflicts", "percent": 5}], "delayMilliseconds": 500, "seed": 7}; faults
/// that never happen are left out.
json::object to_json(const FaultSettings& settings);
/// The twin of to_json. Throws Error that names the member which is wrong.
FaultSettings fault_settings_from_json(const json::object& document);

/// "conflicts 5%, slow-statements 1% (500 ms), seed 7"
std::string describe(const FaultSettings& settings);

} // namespace nimbus::local
