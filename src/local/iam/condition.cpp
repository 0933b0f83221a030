#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "local/iam/evaluate.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <optional>

namespace nimbus::local::iam {
namespace {

/// Dates are ISO 8601, or seconds since the epoch.
std::optional<double> date(std::string_view text)
{
    if (const auto seconds = parse_number<double>(text))
        return seconds;
    if (const auto time = parse_iso8601(text))
        return static_cast<double>(to_unix_milliseconds(*time)) / 1000.0;
    if (text.size() == 10)
        if (const auto time = parse_iso8601(std::string(text) + "T00:00:00Z"))
            return static_cast<double>(to_unix_seconds(*time));
    return std::nullopt;
}

struct Address {
    int bits = 0; ///< 32 or 128
    std::array<unsigned char, 16> bytes{};
};

std::optional<Address> address(const std::string& text)
{
    Address result;
    if (inet_pton(AF_INET, text.c_str(), result.bytes.data()) == 1)
        result.bits = 32;
    else if (inet_pton(AF_INET6, text.c_str(), result.bytes.data()) == 1)
        result.bits = 128;
    else
        return std::nullopt;
    return result;
}

bool in_network(std::string_view network, const std::string& text)
{
    const auto slash = network.find('/');
    const auto base = address(std::string(network.substr(0, slash)));
    const auto candidate = address(text);
    if (!base || !candidate || base->bits != candidate->bits)
        return false;
    auto length = base->bits;
    if (slash != std::string_view::npos) {
        const auto digits = parse_number<int>(network.substr(slash + 1));
        if (!digits || *digits < 0 || *digits > base->bits)
            return false;
        length = *digits;
    }
    for (int bit = 0; bit < length; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const auto mask = 0x80 >> (bit % 8);
        if ((base->bytes[byte] & mask) != (candidate->bytes[byte] & mask))
            return false;
    }
    return true;
}

template <class Convert>
bool compare(std::string_view how, const std::string& expected, const std::string& actual,
             Convert convert)
{
    const auto left = convert(actual);
    const auto right = convert(expected);
    if (!left || !right)
        return false;
    if (how == "Equals")
        return !(*left < *right) && !(*right < *left);
    if (how == "LessThan")
        return *left < *right;
    if (how == "LessThanEquals")
        return *left <= *right;
    if (how == "GreaterThan")
        return *left > *right;
    return *left >= *right;
}

/// The positive form of a test for one value.
bool matches(std::string_view test, const Pattern& pattern, const std::string& actual)
{
    const auto& expected = pattern.text();
    if (test == "StringEquals" || test == "BinaryEquals")
        return expected == actual;
    if (test == "StringEqualsIgnoreCase" || test == "Bool")
        return iequals(expected, actual);
    if (test == "StringLike")
        return pattern.matches(actual);
    if (test == "ArnEquals" || test == "ArnLike")
        return pattern.matches_arn(actual);
    if (test == "IpAddress")
        return in_network(expected, actual);
    if (test.starts_with("Numeric"))
        return compare(test.substr(7), expected, actual,
                       [](const std::string& text) { return parse_number<double>(text); });
    return compare(test.substr(4), expected, actual,
                   [](const std::string& text) { return date(text); });
}

/// StringNotEquals -> StringEquals; empty when the test has no "Not".
std::string positive_form(const std::string& test)
{
    if (test == "Null")
        return {};
    const auto at = test.find("Not");
    return at == std::string::npos ? std::string{} : std::string(test).erase(at, 3);
}

} // namespace

bool condition_holds(const Condition& condition, const std::vector<Pattern>& values,
                     const ConditionContext& context)
{
    const std::string* actual = nullptr;
    for (const auto& [key, value] : context)
        if (iequals(key, condition.key))
            actual = &value;

    if (condition.test == "Null") {
        for (const auto& wanted : values)
            if (iequals(wanted.text(), "true") == (actual == nullptr))
                return true;
        return false;
    }
    const auto positive = positive_form(condition.test);
    if (actual == nullptr)
        return condition.if_exists || !positive.empty() ||
               condition.set == Condition::Set::for_all_values;
    const auto& test = positive.empty() ? condition.test : positive;
    const auto holds = [&](std::string_view value) {
        const bool matched = std::ranges::any_of(values, [&](const Pattern& expected) {
            return matches(test, expected, std::string(value));
        });
        return matched == positive.empty();
    };
    switch (condition.set) {
    case Condition::Set::for_all_values:
        return std::ranges::all_of(split(*actual, '\n'), holds);
    case Condition::Set::for_any_value:
        return std::ranges::any_of(split(*actual, '\n'), holds);
    case Condition::Set::single:
        break;
    }
    return holds(*actual);
}

} // namespace nimbus::local::iam
