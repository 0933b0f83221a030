#include "cli/cloud_log.h"

#include "base/json.h"
#include "local/log_file.h"

#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nimbus::cli {
namespace {

std::optional<ino_t> inode_of(const std::filesystem::path& path)
{
    struct stat information{};
    if (::stat(path.c_str(), &information) != 0)
        return std::nullopt;
    return information.st_ino;
}

/// A line of another format is one of an older cloud: all of it is the message.
LogLine to_line(std::string_view text)
{
    if (auto line = parse_log_line(text))
        return *std::move(line);
    LogLine other;
    other.message = text;
    return other;
}

/// Control characters, which may come from a request, could have a terminal do anything.
std::string without_controls(std::string_view text)
{
    std::string result(text);
    std::ranges::replace_if(
        result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }, ' ');
    return result;
}

} // namespace

CloudLogReader::CloudLogReader(std::filesystem::path file, From from) : file_(std::move(file))
{
    if (from == From::oldest)
        return;
    if (const auto inode = inode_of(file_); inode && open({file_, *inode}))
        ::lseek(current_.get(), 0, SEEK_END);
}

/// False where the files were moved between the look and the opening: look again, the next time.
bool CloudLogReader::open(const File& file)
{
    UniqueFd opened(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat information{};
    if (!opened || ::fstat(opened.get(), &information) != 0 || information.st_ino != file.inode)
        return false;
    current_ = std::move(opened);
    inode_ = file.inode;
    return true;
}

std::optional<CloudLogReader::File> CloudLogReader::next_file() const
{
    std::vector<File> present;
    for (auto& path : local::log_files(file_))
        if (const auto inode = inode_of(path))
            present.push_back({std::move(path), *inode});
    if (present.empty())
        return std::nullopt;
    // Where the one that was read is gone, all that came before it is, too.
    const auto found = current_ ? std::ranges::find(present, inode_, &File::inode) : present.end();
    const auto next = found == present.end() ? present.begin() : std::next(found);
    return next == present.end() ? std::nullopt : std::optional(*next);
}

void CloudLogReader::read_current(std::vector<LogLine>& lines)
{
    struct stat information{};
    if (::fstat(current_.get(), &information) == 0 &&
        information.st_size < ::lseek(current_.get(), 0, SEEK_CUR))
        ::lseek(current_.get(), 0, SEEK_SET); // somebody emptied it
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const auto got = ::read(current_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        partial_.append(buffer.data(), static_cast<std::size_t>(got));
        take_lines(lines);
    }
}

void CloudLogReader::take_lines(std::vector<LogLine>& lines)
{
    std::size_t begin = 0;
    for (auto end = partial_.find('\n'); end != std::string::npos;
         end = partial_.find('\n', begin)) {
        if (end > begin)
            lines.push_back(to_line(std::string_view(partial_).substr(begin, end - begin)));
        begin = end + 1;
    }
    partial_.erase(0, begin);
}

std::vector<LogLine> CloudLogReader::read()
{
    std::vector<LogLine> lines;
    for (;;) {
        if (current_)
            read_current(lines);
        const auto next = next_file();
        if (!next)
            return lines;
        // Once there is a newer file, nothing is added to this one: now it is read to its end.
        if (current_)
            read_current(lines);
        if (!open(*next))
            return lines;
    }
}

bool LogFilter::lets_pass(const LogLine& line) const
{
    return line.level <= level && (id.empty() || std::ranges::any_of(line.fields, [&](auto& field) {
                                       return field.second == id;
                                   }));
}

std::string to_text(const LogLine& line)
{
    auto text =
        fmt::format("{}  {:<7}  {:<11}  {}", without_controls(line.time), name_of(line.level),
                    without_controls(line.component), without_controls(line.message));
    std::string fields;
    for (const auto& [name, value] : line.fields)
        LogField(name, value).append_to(fields);
    return text + (fields.empty() ? "" : " ") + fields;
}

std::string to_json_text(const LogLine& line)
{
    json::object document{{"time", line.time},
                          {"level", name_of(line.level)},
                          {"component", line.component},
                          {"message", line.message}};
    for (const auto& [name, value] : line.fields)
        document.emplace(name, value);
    return json::serialize(document);
}

} // namespace nimbus::cli
