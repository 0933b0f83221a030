#include "base/random.h"

#include "base/assert.h"
#include "base/encoding.h"
#include "base/error.h"

#include <cerrno>
#include <sys/random.h>

namespace nimbus {

std::string random_bytes(std::size_t count)
{
    std::string bytes(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
        const ssize_t got = ::getrandom(bytes.data() + filled, count - filled, 0);
        if (got < 0 && errno != EINTR)
            throw_system_error(errno, "The kernel gave no random bytes");
        if (got > 0)
            filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string random_uuid()
{
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string text = hex_encode(bytes);
    for (const std::size_t dash : {8u, 13u, 18u, 23u})
        text.insert(dash, 1, '-');
    return text;
}

std::string random_text(std::size_t count, std::string_view alphabet)
{
    NIMBUS_ASSERT(!alphabet.empty() && alphabet.size() <= 256, "a byte chooses a character");
    // Bytes beyond the last whole multiple of the alphabet's size would favour its first letters.
    const unsigned limit = 256 - 256 % static_cast<unsigned>(alphabet.size());
    std::string text;
    while (text.size() < count) {
        for (const char c : random_bytes(count)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < limit && text.size() < count)
                text += alphabet[byte % alphabet.size()];
        }
    }
    return text;
}

} // namespace nimbus
