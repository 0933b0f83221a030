#include "cli/log_watch.h"

#include "base/file.h"
#include "base/text.h"

#include <system_error>

namespace nimbus::cli {
namespace {

constexpr std::ptrdiff_t most_lines = 5;

} // namespace

LogWatch::LogWatch(std::filesystem::path log_file) : file_(std::move(log_file))
{
    std::error_code missing;
    const auto size = std::filesystem::file_size(file_, missing);
    start_ = missing ? 0 : size;
}

std::vector<std::string> LogWatch::lines() const
{
    constexpr std::string_view level = "] [info] ";
    const auto text = read_file_if_exists(file_).value_or("");
    // A shorter file is a new one: the log was rotated meanwhile.
    const auto fresh = std::string_view(text).substr(start_ <= text.size() ? start_ : 0);
    std::vector<std::string> lines;
    for (const auto line : split(trim(fresh), '\n'))
        if (const auto place = line.find(level); place != std::string_view::npos)
            lines.emplace_back(line.substr(place + level.size()));
    if (std::ssize(lines) > most_lines)
        lines.erase(lines.begin(), lines.end() - most_lines);
    return lines;
}

} // namespace nimbus::cli
