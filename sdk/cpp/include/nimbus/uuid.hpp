#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

/// A UUID: 16 bytes as a value, RFC 9562's lower-case text in JSON and SQL.
class uuid {
public:
    /// All bits zero.
    uuid() = default;
    /// Throws std::invalid_argument when `text` is not a UUID.
    explicit uuid(std::string_view text);

    /// 8-4-4-4-12 hexadecimal digits in either case; anything else gives nothing.
    static std::optional<uuid> parse(std::string_view text) noexcept;
    /// A random one (version 4), from the kernel's generator.
    static uuid random();
    /// How messages name the type: "name must be a UUID".
    static constexpr std::string_view type_name = "a UUID";

    std::string to_string() const;
    const std::array<unsigned char, 16>& bytes() const noexcept { return bytes_; }

    auto operator<=>(const uuid&) const = default;

private:
    std::array<unsigned char, 16> bytes_{};
};

} // namespace nimbus
