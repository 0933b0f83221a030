#include "base/random.h"

#include <algorithm>
#include <nimbus/uuid.hpp>
#include <stdexcept>

namespace nimbus {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

constexpr bool is_dash_position(std::size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

uuid::uuid(std::string_view text)
{
    const auto parsed = parse(text);
    if (!parsed)
        throw std::invalid_argument("\"" + std::string(text) + "\" is not a UUID");
    *this = *parsed;
}

std::optional<uuid> uuid::parse(std::string_view text) noexcept
{
    if (text.size() != 36)
        return std::nullopt;
    uuid result;
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_dash_position(i)) {
            if (text[i] != '-')
                return std::nullopt;
            continue;
        }
        const int value = digit_value(text[i]);
        if (value < 0)
            return std::nullopt;
        auto& byte = result.bytes_[nibble / 2];
        byte = static_cast<unsigned char>(byte << 4 | value);
        ++nibble;
    }
    return result;
}

uuid uuid::random()
{
    return uuid(random_uuid());
}

std::string uuid::to_string() const
{
    std::string text;
    text.reserve(36);
    for (const auto byte : bytes_) {
        if (is_dash_position(text.size()))
            text += '-';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

} // namespace nimbus
