#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

/// A decimal number of any size, exact: SQL `numeric`, and a string in JSON ("12.30"), where
/// numbers are binary in most programs that read them. It keeps its decimals: 1.10 is written as
/// it was read, and equals 1.1. There is no way from a double, and no division, whose result may
/// have no end.
class decimal {
public:
    /// 0
    decimal() = default;
    template <std::integral T>
    decimal(T value) : decimal(std::string_view(std::to_string(value)))
    {
    }
    decimal(bool) = delete;
    decimal(double) = delete;
    /// Throws std::invalid_argument when `text` is not a decimal number.
    explicit decimal(std::string_view text);
    explicit decimal(const char* text) : decimal(std::string_view(text)) {}

    /// Digits with an optional sign and an optional point between two of them, as many as `numeric`
    /// can have: 131,072 before the point and 16,383 after it. No exponent, NaN or Infinity.
    static std::optional<decimal> parse(std::string_view text);
    static constexpr std::string_view type_name = "a decimal such as \"12.30\"";

    std::string to_string() const;
    /// The nearest double.
    double to_double() const;
    /// Digits after the point.
    std::size_t scale() const noexcept { return scale_; }
    /// With that many decimals; a half goes away from zero, as in SQL.
    decimal rounded(std::size_t scale) const;

    decimal operator-() const;
    friend decimal operator+(const decimal& left, const decimal& right);
    friend decimal operator-(const decimal& left, const decimal& right);
    friend decimal operator*(const decimal& left, const decimal& right);
    decimal& operator+=(const decimal& other) { return *this = *this + other; }
    decimal& operator-=(const decimal& other) { return *this = *this - other; }
    decimal& operator*=(const decimal& other) { return *this = *this * other; }

    /// By value: 1.10 and 1.1 are equivalent.
    friend std::weak_ordering operator<=>(const decimal& left, const decimal& right);
    friend bool operator==(const decimal& left, const decimal& right)
    {
        return (left <=> right) == 0;
    }

private:
    decimal(std::string digits, std::size_t scale, bool is_negative);

    std::string digits_ = "0"; ///< without the point; no zero before the last one left of the point
    std::size_t scale_ = 0;
    bool is_negative_ = false; ///< never for zero
};

} // namespace nimbus
