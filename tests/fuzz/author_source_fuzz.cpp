// Sources of authors are read by their words, without parsing them: whatever the bytes, what is
// found lies within the text, and a source that gets its own place keeps its lines and columns.

#include "frontends/module_text.h"
#include "frontends/own_place.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::ptrdiff_t lines_of(std::string_view text)
{
    return 1 + std::ranges::count(text, '\n');
}

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::frontends;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto& read : place_reads(text))
        require(read.line >= 1 && read.line <= lines_of(text) && read.path.size() <= size);
    const auto placed = with_own_place(text, "src/pages \"quoted\".ts");
    require(placed.starts_with(text));
    const auto traits = traits_of(text);
    require(traits.computed_load >= 0 && traits.computed_load <= lines_of(text));
    require(traits.asks_its_place == asks_its_place(text));
    return 0;
}
