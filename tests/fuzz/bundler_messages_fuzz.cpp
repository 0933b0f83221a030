// What esbuild prints quotes lines of authors' sources: whatever the bytes, a message has a whole
// place or none.

#include "frontends/esbuild.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::frontends;
    for (const auto& message : bundler_messages({reinterpret_cast<const char*>(data), size})) {
        const bool has_place = message.line >= 1 && message.column >= 1;
        const bool has_none = message.file.empty() && message.line == 0 && message.column == 0;
        if (!(has_place || has_none) || message.excerpt.size() > 2 ||
            !place_and_text(message).ends_with(message.text))
            std::abort();
    }
    return 0;
}
