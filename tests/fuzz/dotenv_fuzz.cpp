// A .env file comes from wherever a person keeps it: whatever the bytes, parse_dotenv either finds
// mistakes or returns what it reads again when it is written with all values in double quotes.

#include "cli/dotenv.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string in_double_quotes(std::string_view value)
{
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\')
            text += '\\';
        if (c == '\r')
            text += "\\r";
        else
            text += c;
    }
    return text + '"';
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using nimbus::cli::parse_dotenv;
    const auto [entries, mistakes] = parse_dotenv({reinterpret_cast<const char*>(data), size});
    std::string text;
    for (const auto& entry : entries)
        text += entry.name + "=" + in_double_quotes(entry.value) + "\n";
    const auto again = parse_dotenv(text);
    if (again.entries.size() != entries.size() || !again.mistakes.empty())
        std::abort();
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (again.entries[i].name != entries[i].name || again.entries[i].value != entries[i].value)
            std::abort();
    return 0;
}
