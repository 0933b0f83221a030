#include "cli/log_watch.h"

#include <utility>

namespace nimbus::cli {
namespace {

constexpr std::size_t most_lines = 5;

/// The message and why; the other fields are for whoever reads the log itself.
std::string sentence_of(const LogLine& line)
{
    auto sentence = line.message;
    for (const auto& [name, value] : line.fields)
        if ((name == "reason" || name == "hint" || name == "failure") && !value.empty())
            sentence += ": " + value;
    return sentence;
}

} // namespace

LogWatch::LogWatch(std::filesystem::path log_file)
    : reader_(std::move(log_file), CloudLogReader::From::newest)
{
}

std::vector<std::string> LogWatch::lines()
{
    const LogFilter what_went_wrong{.level = LogLevel::warning, .id = {}};
    for (const auto& line : reader_.read()) {
        if (!what_went_wrong.lets_pass(line))
            continue;
        last_.push_back(sentence_of(line));
        if (last_.size() > most_lines)
            last_.pop_front();
    }
    return {last_.begin(), last_.end()};
}

} // namespace nimbus::cli
