// AWS's config and credentials files are written by people and other programs: whatever is in one,
// parse_ini throws Error or gives settings whose names have no blank at either end, no line end and
// no upper-case letter, and whose values have no line end at their end.

#include "aws/ini_file.h"
#include "base/error.h"
#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        for (const auto& [section, settings] : nimbus::aws::parse_ini(text, "config"))
            for (const auto& [key, value] : settings)
                if (key != nimbus::trim(key) || key != nimbus::to_lower(key) ||
                    (key + section).find('\n') != std::string::npos || value.ends_with('\n'))
                    std::abort();
    } catch (const nimbus::Error&) {
    }
    return 0;
}
