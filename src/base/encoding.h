#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nimbus {

/// Lower-case hexadecimal.
std::string hex_encode(std::string_view bytes);
std::optional<std::string> hex_decode(std::string_view text);

/// RFC 4648 base64 with padding; decoding refuses anything else.
std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);
/// RFC 4648 base64url without padding: the form of JOSE (RFC 7515 section 2).
std::string base64url_encode(std::string_view bytes);

/// RFC 4648 base32, lower case, without padding: the form of DSQL's identifiers.
std::string base32_encode(std::string_view bytes);

/// RFC 3986 percent-encoding of everything but unreserved characters (`A-Za-z0-9-._~`), upper-case
/// digits. `keep_slash` leaves `/` alone: for paths.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Decodes %XX; malformed escapes are kept as they are. `plus_is_space` for query strings.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

/// U+FFFD, in UTF-8.
inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// The bytes of the character that `text`, which is not empty, begins with; 0 when it begins with
/// none that is well-formed (RFC 3629).
std::size_t utf8_character_length(std::string_view text) noexcept;

/// Is `text` well-formed UTF-8 (RFC 3629)?
bool is_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD for each byte that is no part of a well-formed character.
std::string to_utf8(std::string_view text);

} // namespace nimbus
