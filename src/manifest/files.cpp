#include "manifest/files.h"

#include "base/text.h"

#include <algorithm>

namespace nimbus::manifest {
namespace {

constexpr std::size_t longest_pattern = 512;
constexpr const char* allowed = "must be a path below the application's directory, such as "
                                "public/** or data/words.txt";

bool is_file_pattern(std::string_view text)
{
    const auto is_bad_part = [](std::string_view part) {
        return part.empty() || part == "." || part == "..";
    };
    const auto is_bad_character = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '\\';
    };
    return text.size() <= longest_pattern && std::ranges::none_of(split(text, '/'), is_bad_part) &&
           std::ranges::none_of(text, is_bad_character);
}

} // namespace

void read_files(ObjectReader& document, Manifest& manifest, Problems& problems)
{
    document.each("files", [&](const json::value& value, const std::string& path) {
        const auto* text = value.if_string();
        if (text != nullptr && is_file_pattern(*text))
            manifest.declared.of<FilePattern>().push_back({std::string(*text)});
        else
            problems.add(path, allowed + (text != nullptr ? ", not " + in_quotes(*text) : ""));
    });
}

json::array files_of(const Manifest& manifest)
{
    json::array patterns;
    for (const auto& pattern : manifest.declared.of<FilePattern>())
        patterns.emplace_back(pattern.text);
    return patterns;
}

} // namespace nimbus::manifest
