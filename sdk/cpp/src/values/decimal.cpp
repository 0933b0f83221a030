#include "base/number.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <nimbus/decimal.hpp>
#include <stdexcept>
#include <utility>

namespace nimbus {

namespace {

using Integer = boost::multiprecision::cpp_int;

// Limits of numeric (PostgreSQL's manual, section 8.1.2).
constexpr std::size_t max_digits_before_point = 131'072;
constexpr std::size_t max_scale = 16'383;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// The number of units of the last of `scale` decimals, which are at least as many as `digits` has.
Integer units(std::string_view digits, bool is_negative, std::size_t missing_zeros)
{
    // A leading zero would make the text octal.
    const auto first = std::min(digits.find_first_not_of('0'), digits.size());
    std::string text(digits.substr(first));
    text.append(missing_zeros, '0');
    Integer value(text.empty() || first == digits.size() ? "0" : text);
    return is_negative ? Integer(-value) : value;
}

/// `digits` with as many zeros before them as leave one left of the point.
std::string padded(std::string digits, std::size_t scale)
{
    if (digits.size() <= scale)
        digits.insert(0, scale + 1 - digits.size(), '0');
    return digits;
}

} // namespace

decimal::decimal(std::string digits, std::size_t scale, bool is_negative)
    : digits_(std::move(digits)), scale_(scale),
      is_negative_(is_negative && !std::ranges::all_of(digits_, [](char c) { return c == '0'; }))
{
}

decimal::decimal(std::string_view text)
{
    auto parsed = parse(text);
    if (!parsed)
        throw std::invalid_argument("\"" + std::string(text.substr(0, 80)) +
                                    "\" is not a decimal number");
    *this = *std::move(parsed);
}

std::optional<decimal> decimal::parse(std::string_view text)
{
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+'))
        text.remove_prefix(1);
    const auto point = std::min(text.find('.'), text.size());
    const auto before = text.substr(0, point);
    const auto after = point == text.size() ? std::string_view() : text.substr(point + 1);
    if (before.empty() || (point != text.size() && after.empty()) ||
        !std::ranges::all_of(before, is_digit) || !std::ranges::all_of(after, is_digit))
        return std::nullopt;
    const auto significant =
        before.substr(std::min(before.find_first_not_of('0'), before.size() - 1));
    if (significant.size() > max_digits_before_point || after.size() > max_scale)
        return std::nullopt;
    return decimal(std::string(significant) + std::string(after), after.size(), is_negative);
}

std::string decimal::to_string() const
{
    std::string text = is_negative_ ? "-" : "";
    text += digits_;
    if (scale_ > 0)
        text.insert(text.size() - scale_, 1, '.');
    return text;
}

double decimal::to_double() const
{
    // Only a number that no double can be as large as does not fit.
    const auto value = parse_number<double>(to_string());
    if (value)
        return *value;
    const double infinity = std::numeric_limits<double>::infinity();
    return digits_.size() - scale_ <= 1 ? 0 : is_negative_ ? -infinity : infinity;
}

decimal decimal::rounded(std::size_t scale) const
{
    if (scale > max_scale)
        throw std::out_of_range("a decimal number has at most 16383 decimals");
    if (scale >= scale_)
        return decimal(digits_ + std::string(scale - scale_, '0'), scale, is_negative_);
    const auto kept = digits_.size() - (scale_ - scale);
    auto digits = digits_.substr(0, kept);
    if (digits_[kept] >= '5')
        digits = padded((units(digits, false, 0) + 1).str(), scale);
    return decimal(std::move(digits), scale, is_negative_);
}

decimal decimal::operator-() const
{
    return decimal(digits_, scale_, !is_negative_);
}

decimal operator+(const decimal& left, const decimal& right)
{
    const auto scale = std::max(left.scale_, right.scale_);
    const Integer sum = units(left.digits_, left.is_negative_, scale - left.scale_) +
                        units(right.digits_, right.is_negative_, scale - right.scale_);
    return decimal(padded(Integer(abs(sum)).str(), scale), scale, sum < 0);
}

decimal operator-(const decimal& left, const decimal& right)
{
    return left + -right;
}

decimal operator*(const decimal& left, const decimal& right)
{
    const auto scale = left.scale_ + right.scale_;
    const Integer product = units(left.digits_, false, 0) * units(right.digits_, false, 0);
    return decimal(padded(product.str(), scale), scale, left.is_negative_ != right.is_negative_);
}

std::weak_ordering operator<=>(const decimal& left, const decimal& right)
{
    if (left.is_negative_ != right.is_negative_)
        return left.is_negative_ ? std::weak_ordering::less : std::weak_ordering::greater;
    // Digits of equal numbers before and after the point compare as text.
    const auto scale = std::max(left.scale_, right.scale_);
    const auto aligned = [scale](const decimal& number) {
        return number.digits_ + std::string(scale - number.scale_, '0');
    };
    const auto a = aligned(left);
    const auto b = aligned(right);
    const auto size = a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
    return left.is_negative_ ? 0 <=> size : size;
}

} // namespace nimbus
