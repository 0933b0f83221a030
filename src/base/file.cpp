#include "base/file.h"

#include "base/error.h"
#include "base/random.h"
#include "base/unique_fd.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus {
namespace {

std::string quoted(const std::filesystem::path& path)
{
    return "'" + path.string() + "'";
}

std::string read_all(int fd, const std::filesystem::path& path)
{
    std::string content;
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw_system_error(errno, "Cannot read " + quoted(path));
        if (got == 0)
            return content;
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace

std::optional<std::string> read_file_if_exists(const std::filesystem::path& path)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT || errno == ENOTDIR)
            return {};
        throw_system_error(errno, "Cannot read " + quoted(path));
    }
    return read_all(fd.get(), path);
}

std::string read_file(const std::filesystem::path& path)
{
    auto content = read_file_if_exists(path);
    if (!content)
        throw Error("There is no file " + quoted(path));
    return std::move(*content);
}

void write_file(const std::filesystem::path& path, std::string_view content, mode_t mode)
{
    const std::string temporary =
        path.string() + ".new-" + random_text(8, "abcdefghijklmnopqrstuvwxyz0123456789");
    UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd)
        throw_system_error(errno, "Cannot write " + quoted(path));
    const auto fail = [&](const char* what) {
        const int error_number = errno;
        ::unlink(temporary.c_str());
        throw_system_error(error_number, what + quoted(path));
    };
    // The umask may have taken bits away.
    if (::fchmod(fd.get(), mode) != 0)
        fail("Cannot set the mode of ");
    while (!content.empty()) {
        const ssize_t written = ::write(fd.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail("Cannot write ");
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)
        fail("Cannot write ");
}

void make_directories(const std::filesystem::path& path, mode_t mode)
{
    if (path.empty())
        return;
    if (::mkdir(path.c_str(), mode) == 0) {
        ::chmod(path.c_str(), mode);
        return;
    }
    if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
        make_directories(path.parent_path());
        if (::mkdir(path.c_str(), mode) == 0)
            return;
    }
    const int error_number = errno;
    std::error_code ignored;
    if (error_number == EEXIST && std::filesystem::is_directory(path, ignored))
        return;
    throw_system_error(error_number, "Cannot create the directory " + quoted(path));
}

TemporaryDirectory::TemporaryDirectory(std::string_view prefix)
{
    const char* base = std::getenv("TMPDIR");
    std::string pattern = base != nullptr && *base != '\0' ? base : "/tmp";
    pattern += '/';
    pattern += prefix;
    pattern += "-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
        throw_system_error(errno, "Cannot create a temporary directory '" + pattern + "'");
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace nimbus
