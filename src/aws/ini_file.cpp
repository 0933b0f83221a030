#include "aws/ini_file.h"

#include "base/error.h"
#include "base/text.h"

#include <utility>

namespace nimbus::aws {

namespace {

constexpr const char* line_hint =
    "A line is `[section]`, `key = value`, or a comment that starts with #. A line that is "
    "indented deeper than the key above it continues that key's value.";

/// Whose settings all other sections have, too, where they do not say otherwise.
constexpr const char* defaults_section = "DEFAULT";

using Section = std::map<std::string, std::string>;

/// The lines of a value that begins below its key are settings of their own, one level deep.
void unfold(Section& section)
{
    Section nested;
    for (auto& [key, value] : section) {
        value.erase(value.find_last_not_of('\n') + 1);
        if (!value.starts_with('\n'))
            continue;
        for (const auto line : split(value, '\n'))
            if (const auto equals = line.find('='); equals != std::string_view::npos)
                nested[key + '.' + to_lower(trim(line.substr(0, equals)))] =
                    trim(line.substr(equals + 1));
        value.clear();
    }
    section.merge(nested);
}

/// Reads line after line.
class Reader {
public:
    explicit Reader(const std::string& path) : path_(path) {}

    void read(std::string_view raw)
    {
        ++number_;
        const auto line = trim(raw);
        if (line.starts_with('#') || line.starts_with(';'))
            return;
        if (line.empty()) {
            if (value_ != nullptr)
                *value_ += '\n';
            return;
        }
        const auto indentation = raw.find(line.front());
        if (value_ != nullptr && indentation > indentation_) {
            (*value_ += '\n') += line;
            return;
        }
        indentation_ = indentation;
        if (line.front() == '[')
            take_section(line);
        else
            take_setting(line);
    }

    IniFile take()
    {
        for (auto& [name, section] : file_)
            unfold(section);
        if (const auto defaults = file_.extract(defaults_section))
            for (auto& [name, section] : file_)
                section.insert(defaults.mapped().begin(), defaults.mapped().end());
        return std::move(file_);
    }

private:
    [[noreturn]] void fail(const std::string& problem) const
    {
        throw Error(path_ + ", line " + std::to_string(number_) + ": " + problem, line_hint);
    }

    void take_section(std::string_view line)
    {
        const auto end = line.rfind(']');
        if (end == std::string_view::npos)
            fail("the section's name has no closing bracket");
        section_ = &file_[std::string(trim(line.substr(1, end - 1)))];
        value_ = nullptr;
    }

    void take_setting(std::string_view line)
    {
        const auto delimiter = line.find_first_of("=:");
        if (delimiter == std::string_view::npos)
            fail("there is no `=`");
        if (delimiter == 0)
            fail("there is no key before the `=`");
        if (section_ == nullptr)
            fail("there is no section before it");
        value_ = &(*section_)[to_lower(trim(line.substr(0, delimiter)))];
        *value_ = trim(line.substr(delimiter + 1));
    }

    const std::string& path_;
    int number_ = 0;
    IniFile file_;
    Section* section_ = nullptr;   ///< of `file_`
    std::string* value_ = nullptr; ///< of the last key, which the next line may continue
    std::size_t indentation_ = 0;  ///< of the last line that continued nothing
};

} // namespace

IniFile parse_ini(std::string_view text, const std::string& path)
{
    Reader reader(path);
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        reader.read(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return reader.take();
}

} // namespace nimbus::aws
