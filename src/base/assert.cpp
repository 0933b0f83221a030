#include "base/assert.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace nimbus {
namespace {

/// The AssertionLog's file; empty while there is none. Written by one thread before and after the
/// time in which others may fail.
constinit std::array<char, 4096> log_file{};
constinit std::atomic<bool> has_log_file = false;

/// A line that is put together without taking memory. What has no room is left out.
class Line {
public:
    void add(std::string_view text)
    {
        for (const char c : text)
            add(c);
    }

    /// A value as the log quotes it. Conditions and words are source code: printable ASCII.
    void add_quoted(std::string_view text)
    {
        add('"');
        for (const char c : text) {
            if (c == '"' || c == '\\')
                add('\\');
            add(c);
        }
        add('"');
    }

    void add_number(long number, int digits)
    {
        std::array<char, 24> text{};
        const int length = std::snprintf(text.data(), text.size(), "%0*ld", digits, number);
        add({text.data(), static_cast<std::size_t>(length)});
    }

    void write_to(int descriptor) const
    {
        const char* rest = text_.data();
        for (std::size_t left = size_; left > 0;) {
            const auto written = ::write(descriptor, rest, left);
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return;
            rest += written;
            left -= static_cast<std::size_t>(written);
        }
    }

    void end()
    {
        size_ = std::min(size_, text_.size() - 1);
        text_[size_++] = '\n';
    }

private:
    void add(char c)
    {
        if (size_ < text_.size())
            text_[size_++] = c;
    }

    std::array<char, 2048> text_;
    std::size_t size_ = 0;
};

void add_time(Line& line)
{
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::tm utc{};
    ::gmtime_r(&now.tv_sec, &utc);
    line.add_number(utc.tm_year + 1900, 4);
    line.add("-");
    line.add_number(utc.tm_mon + 1, 2);
    line.add("-");
    line.add_number(utc.tm_mday, 2);
    line.add("T");
    line.add_number(utc.tm_hour, 2);
    line.add(":");
    line.add_number(utc.tm_min, 2);
    line.add(":");
    line.add_number(utc.tm_sec, 2);
    line.add(".");
    line.add_number(now.tv_nsec / 1'000'000, 3);
    line.add("Z");
}

/// From the source tree's root on: where it was built is nobody's business.
std::string_view place_in_sources(std::string_view file)
{
    for (const std::string_view root : {"/src/", "/sdk/", "/tests/"})
        if (const auto found = file.rfind(root); found != std::string_view::npos)
            return file.substr(found + 1);
    return file;
}

void write_to_log_file(const Line& line)
{
    if (!has_log_file.load(std::memory_order_acquire))
        return;
    const int descriptor =
        ::open(log_file.data(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return;
    line.write_to(descriptor);
    ::close(descriptor);
}

} // namespace

void assertion_failed(const Assertion& assertion) noexcept
{
    Line line;
    line.add("time=");
    add_time(line);
    line.add(" level=error component=assertion message=");
    line.add_quoted(assertion.words);
    line.add(" condition=");
    line.add_quoted(assertion.condition);
    line.add(" place=");
    line.add(place_in_sources(assertion.file));
    line.add(":");
    line.add_number(assertion.line, 1);
    line.end();
    line.write_to(STDERR_FILENO);
    write_to_log_file(line);
    std::abort();
}

AssertionLog::AssertionLog(const std::filesystem::path& file)
{
    NIMBUS_ASSERT(!has_log_file, "a process has one AssertionLog");
    const auto& path = file.native();
    if (path.size() >= log_file.size())
        throw Error("The path '" + path + "' is too long");
    std::memcpy(log_file.data(), path.c_str(), path.size() + 1);
    has_log_file.store(true, std::memory_order_release);
}

AssertionLog::~AssertionLog()
{
    has_log_file.store(false, std::memory_order_release);
}

} // namespace nimbus
