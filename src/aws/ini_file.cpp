#include "aws/ini_file.h"

#include "base/error.h"
#include "base/text.h"

#include <utility>

namespace nimbus::aws {

namespace {

constexpr const char* line_hint =
    "A line is `[section]`, `key = value`, or a comment that starts with #.";

/// Reads line after line.
class Reader {
public:
    explicit Reader(const std::string& path) : path_(path) {}

    void read(std::string_view raw)
    {
        ++number_;
        const auto line = trim(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';')
            return;
        const bool is_nested = raw.front() == ' ' || raw.front() == '\t';
        if (is_nested)
            take_nested(line);
        else if (line.front() == '[')
            take_section(line);
        else
            take_setting(line);
    }

    IniFile take() { return std::move(file_); }

private:
    [[noreturn]] void fail(const std::string& problem) const
    {
        throw Error(path_ + ", line " + std::to_string(number_) + ": " + problem, line_hint);
    }

    void take_section(std::string_view line)
    {
        const auto end = line.find(']');
        if (end == std::string_view::npos)
            fail("the section's name has no closing bracket");
        section_ = &file_[std::string(trim(line.substr(1, end - 1)))];
        parent_.clear();
    }

    void take_setting(std::string_view line)
    {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            fail("there is no `=`");
        if (section_ == nullptr)
            fail("there is no section before it");
        parent_ = to_lower(trim(line.substr(0, equals)));
        (*section_)[parent_] = trim(line.substr(equals + 1));
    }

    /// What is no setting there is the rest of a long value, which nobody has asked for yet.
    void take_nested(std::string_view line)
    {
        const auto equals = line.find('=');
        if (section_ == nullptr || parent_.empty() || equals == std::string_view::npos)
            return;
        (*section_)[parent_ + '.' + to_lower(trim(line.substr(0, equals)))] =
            trim(line.substr(equals + 1));
    }

    const std::string& path_;
    int number_ = 0;
    IniFile file_;
    std::map<std::string, std::string>* section_ = nullptr; ///< of `file_`
    std::string parent_;                                    ///< the last setting that is not nested
};

} // namespace

IniFile parse_ini(std::string_view text, const std::string& path)
{
    Reader reader(path);
    for (const auto line : split(text, '\n'))
        reader.read(line);
    return reader.take();
}

} // namespace nimbus::aws
