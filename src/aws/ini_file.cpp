#include "aws/ini_file.h"

#include "base/error.h"
#include "base/text.h"

namespace nimbus::aws {

IniFile parse_ini(std::string_view text, const std::string& path)
{
    IniFile file;
    std::map<std::string, std::string>* section = nullptr;
    int number = 0;
    for (const auto raw : split(text, '\n')) {
        ++number;
        const auto fail = [&path, number](const std::string& problem) {
            throw Error(path + ", line " + std::to_string(number) + ": " + problem,
                        "A line is `[section]`, `key = value`, or a comment that starts with #.");
        };
        const auto line = trim(raw);
        const bool nested = !line.empty() && (raw.front() == ' ' || raw.front() == '\t');
        if (line.empty() || line.front() == '#' || line.front() == ';' || nested)
            continue;
        if (line.front() == '[') {
            const auto end = line.find(']');
            if (end == std::string_view::npos)
                fail("the section's name has no closing bracket");
            section = &file[std::string(trim(line.substr(1, end - 1)))];
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            fail("there is no `=`");
        if (section == nullptr)
            fail("there is no section before it");
        (*section)[to_lower(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
    }
    return file;
}

} // namespace nimbus::aws
