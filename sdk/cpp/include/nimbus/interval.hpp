#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

/// A span of calendar time as PostgreSQL's `interval` keeps it: months, days and microseconds,
/// which do not add up to one number, because neither months nor days have a fixed length. For a
/// fixed length, use a duration of std::chrono.
struct interval {
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::chrono::microseconds time{0};

    /// ISO 8601 (P1Y2M3DT4H5M6.5S, each number with a sign of its own) or PostgreSQL's default
    /// output (1 year 2 mons 3 days 04:05:06.5).
    static std::optional<interval> parse(std::string_view text) noexcept;
    static constexpr std::string_view type_name = "an interval such as P1DT2H";

    /// ISO 8601: P1Y2M3DT4H5M6.5S; PT0S for nothing.
    std::string to_string() const;

    bool operator==(const interval&) const = default;
};

} // namespace nimbus
