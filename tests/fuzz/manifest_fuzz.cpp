// A manifest comes out of a program that someone wrote: whatever the bytes, parse_manifest either
// throws Error or returns what survives a round trip through to_json.

#include "base/error.h"
#include "deploy/kinds/catalog.h"
#include "manifest/parse.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::manifest;
    try {
        const std::string_view text(reinterpret_cast<const char*>(data), size);
        const auto sections = nimbus::deploy::all_kinds().sections();
        const auto manifest = parse_manifest(text, "the input", sections);
        if (parse_manifest(to_json(manifest, sections), "its JSON", sections) != manifest)
            std::abort();
    } catch (const nimbus::Error&) {
    }
    return 0;
}
