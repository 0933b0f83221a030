// Any bytes are a line of the log or none; whatever is written into a line comes back from it.

#include "base/encoding.h"
#include "base/log_line.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(parse_log_line(bytes));

    if (bytes.empty())
        return 0; // fields without a value are left out
    const auto value = bytes.substr(0, 1'000);
    const auto written =
        format_log_line({}, LogLevel::info, "fuzz", value, "", {{"value", value}, {"last", 1}});
    const auto read = parse_log_line(written);
    if (written.find_first_of(std::string_view("\r\n\x1b\0", 4)) != std::string::npos || !read ||
        read->message != to_utf8(value) || read->fields.size() != 2 ||
        read->fields.front().second != to_utf8(value) || read->fields.back().second != "1")
        std::abort();
    return 0;
}
