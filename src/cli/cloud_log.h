#pragma once

#include "base/log_line.h"
#include "base/unique_fd.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace nimbus::cli {

/// Reads the local cloud's log while it may be written, and through the files that it moves to when
/// it grows: no line is read twice, and none left out that is still there. The cloud need not run.
class CloudLogReader {
public:
    enum class From { oldest, newest };

    /// `file` is the newest of the log's files; there may be none yet.
    explicit CloudLogReader(std::filesystem::path file, From from = From::oldest);

    /// The whole lines that came since the last call, oldest first.
    std::vector<LogLine> read();

private:
    struct File {
        std::filesystem::path path;
        ino_t inode;
    };

    /// The one behind `current_`, which does not grow any more once there is another.
    std::optional<File> next_file() const;
    bool open(const File& file);
    void read_current(std::vector<LogLine>& lines);
    void take_lines(std::vector<LogLine>& lines);

    std::filesystem::path file_;
    UniqueFd current_;
    ino_t inode_ = 0;     ///< of `current_`, which nobody else has while it is open
    std::string partial_; ///< of a line whose end was not there yet
};

/// What a person asks for of a log.
struct LogFilter {
    LogLevel level = LogLevel::debug; ///< this and graver
    std::string id;                   ///< one of the line's fields has this value; empty: any line

    bool lets_pass(const LogLine& line) const;
};

/// For people: time, level, component, message and fields. Nothing in it steers a terminal.
std::string to_text(const LogLine& line);
/// For programs: one JSON object on one line, with the fields beside `time`, `level`, `component`
/// and `message`, all of them strings.
std::string to_json_text(const LogLine& line);

} // namespace nimbus::cli
