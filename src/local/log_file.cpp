#include "local/log_file.h"

#include "base/error.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <algorithm>
#include <memory>

namespace nimbus::local {
namespace {

using Sink = spdlog::sinks::rotating_file_sink_mt;

constexpr std::size_t max_file_bytes = 5 * 1024 * 1024;
constexpr std::size_t max_old_files = 2;

spdlog::level::level_enum level_of(LogLevel level)
{
    switch (level) {
    case LogLevel::error:
        return spdlog::level::err;
    case LogLevel::warning:
        return spdlog::level::warn;
    case LogLevel::info:
        return spdlog::level::info;
    case LogLevel::debug:
        break;
    }
    return spdlog::level::debug;
}

} // namespace

Log open_log_file(const std::filesystem::path& file, LogLevel level)
try {
    auto logger = std::make_shared<spdlog::logger>(
        "cloud", std::make_shared<Sink>(file.string(), max_file_bytes, max_old_files));
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::debug); // a Log leaves out what is not of its level
    logger->flush_on(spdlog::level::debug);
    return {level, [logger](LogLevel of_line, const std::string& line) {
                logger->log(level_of(of_line), spdlog::string_view_t(line.data(), line.size()));
            }};
} catch (const spdlog::spdlog_ex& error) {
    throw Error("The log file cannot be written: " + std::string(error.what()));
}

std::vector<std::filesystem::path> log_files(const std::filesystem::path& file)
{
    std::vector<std::filesystem::path> files;
    for (auto number = max_old_files + 1; number-- > 0;)
        files.emplace_back(Sink::calc_filename(file.string(), number));
    return files;
}

} // namespace nimbus::local
