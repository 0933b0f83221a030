#include "local/services/lambda/client_context.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "local/services/service.h"

#include <fmt/core.h>

namespace nimbus::local {
namespace {

constexpr std::size_t most_bytes = 3583;

[[noreturn]] void throw_no_context(const std::string& why)
{
    throw ServiceError(400, "InvalidRequestContentException",
                       "Client context must be a valid Base64-encoded JSON object: " + why,
                       {{"Type", "User"}});
}

char32_t code_point(std::string_view character)
{
    const auto first = static_cast<unsigned char>(character.front());
    char32_t code = character.size() == 2   ? first & 0x1FU
                    : character.size() == 3 ? first & 0x0FU
                                            : first & 0x07U;
    for (const char next : character.substr(1))
        code = (code << 6U) | (static_cast<unsigned char>(next) & 0x3FU);
    return code;
}

/// JSON with \u escapes for what is not ASCII. `text` is well-formed UTF-8.
std::string in_ascii(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const auto length = utf8_character_length(text);
        const auto character = text.substr(0, length);
        text.remove_prefix(length);
        if (length == 1) {
            result += character;
            continue;
        }
        const auto code = static_cast<std::uint32_t>(code_point(character));
        if (code < 0x10000U)
            result += fmt::format("\\u{:04x}", code);
        else
            result += fmt::format("\\u{:04x}\\u{:04x}", 0xD800U + ((code - 0x10000U) >> 10U),
                                  0xDC00U + ((code - 0x10000U) & 0x3FFU));
    }
    return result;
}

} // namespace

std::string client_context(std::string_view header)
{
    if (header.empty())
        return {};
    if (header.size() > most_bytes)
        throw_no_context(fmt::format("it has {} bytes, and at most {} are passed on.",
                                     header.size(), most_bytes));
    const auto decoded = base64_decode(header);
    if (!decoded)
        throw_no_context("it is not base64.");
    try {
        const auto context = parse_json(*decoded, "the client context");
        if (!context.is_object())
            throw_no_context("it is not an object.");
        return in_ascii(compact_json(context));
    } catch (const Error& error) {
        throw_no_context(error.what());
    }
}

} // namespace nimbus::local
