#include "cli/hosts_block.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <utility>

namespace nimbus::cli {
namespace {

/// Takes the first line off `text`, with what ends it.
std::string_view take_line(std::string_view& text)
{
    const auto line = text.substr(
        0, text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1);
    text.remove_prefix(line.size());
    return line;
}

/// The comments around a block.
struct Marks {
    std::string begin, end;
};

Marks marks_of(const std::filesystem::path& home)
{
    // In one line, whatever the path.
    const auto name = replace_all(replace_all(home.string(), "\n", "?"), "\r", "?");
    return {.begin = "# BEGIN names of the local cloud in " + name,
            .end = "# END names of the local cloud in " + name};
}

[[noreturn]] void throw_no_end(const Marks& marks)
{
    throw Error("The hosts file has the line '" + marks.begin + "' and no line '" + marks.end +
                    "' after it",
                "Remove what is left of that block with an editor, and run the command again.");
}

/// Takes the rest of a block off `text`, its last line included.
void take_block(std::string_view& text, const Marks& marks)
{
    while (!text.empty())
        if (trim(take_line(text)) == trim(marks.end))
            return;
    throw_no_end(marks);
}

} // namespace

std::string with_names(std::string_view text, const std::filesystem::path& home,
                       const HostAddresses& names)
{
    const auto marks = marks_of(home);
    auto block = names.empty() ? "" : marks.begin + '\n' + hosts_lines(names) + marks.end + '\n';
    std::string result;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (trim(line) != trim(marks.begin)) {
            result += line;
            continue;
        }
        take_block(text, marks);
        result += std::exchange(block, {});
    }
    if (!block.empty() && !result.empty() && !result.ends_with('\n'))
        result += '\n';
    return result + block;
}

bool has_block(std::string_view text, const std::filesystem::path& home)
{
    const auto marks = marks_of(home);
    return std::ranges::any_of(
        split(text, '\n'), [&](std::string_view line) { return trim(line) == trim(marks.begin); });
}

HostAddresses missing_names(std::string_view text, const HostAddresses& names)
{
    const auto present = parse_hosts(text);
    HostAddresses missing;
    for (const auto& [name, address] : names)
        if (const auto found = present.find(name);
            found == present.end() || found->second != address)
            missing.emplace(name, address);
    return missing;
}

} // namespace nimbus::cli
