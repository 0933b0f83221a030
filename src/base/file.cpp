#include "base/file.h"

#include "base/error.h"
#include "base/owned_directory.h"
#include "base/random.h"
#include "base/scratch_file.h"
#include "base/time.h"
#include "base/unique_fd.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nimbus {
namespace {

std::string quoted(const std::filesystem::path& path)
{
    return "'" + path.string() + "'";
}

/// To read; nothing if there is no such file.
UniqueFd open_if_exists(const std::filesystem::path& path, int flags)
{
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (!fd && errno != ENOENT && errno != ENOTDIR)
        throw_system_error(errno, "Cannot read " + quoted(path));
    return fd;
}

void check_type(int fd, const std::filesystem::path& path)
{
    struct stat status{};
    if (::fstat(fd, &status) != 0)
        throw_system_error(errno, "Cannot read " + quoted(path));
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
        throw Error(quoted(path) + " is " +
                    (S_ISDIR(status.st_mode) ? "a directory" : "neither a file nor a pipe"));
}

/// Returns when there is something to read, or the end.
void wait_for_writer(int fd, const std::filesystem::path& path, const Deadline& deadline)
{
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, static_cast<int>(deadline.remaining().count())) <= 0)
        if (deadline.reached())
            throw Error("Nobody finished writing to the pipe " + quoted(path) + " in time");
}

/// To its end. `wait` comes before each read: of a descriptor that does not block it returns when
/// there is something to read. Throws Error beyond `most` bytes.
template <class Wait>
std::string read_all(int fd, const std::filesystem::path& path, std::size_t most, const Wait& wait)
{
    std::string content;
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        wait();
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            throw_system_error(errno, "Cannot read " + quoted(path));
        if (got == 0)
            return content;
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > most)
            throw Error(quoted(path) + " is larger than " + std::to_string(most) + " bytes");
    }
}

/// False, and errno, when not all of it could be written.
bool write_all(int fd, std::string_view content, bool is_durable = true)
{
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return !is_durable || ::fsync(fd) == 0;
}

struct Attributes {
    mode_t mode;
    std::optional<std::pair<uid_t, gid_t>> owner; ///< unset: who writes it
    bool is_durable = true;                       ///< after a power failure, it is there
};

/// Puts a new file into the place of `path`. An errno value, 0 when it is done.
int replace(const std::filesystem::path& path, std::string_view content,
            const Attributes& attributes)
{
    const std::string temporary =
        path.string() + ".new-" + random_text(8, "abcdefghijklmnopqrstuvwxyz0123456789");
    const auto& [mode, owner, is_durable] = attributes;
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd)
        return errno;
    // The owner first: a change of it may take bits of the mode away, as the umask may have.
    if ((!owner || ::fchown(fd.get(), owner->first, owner->second) == 0) &&
        ::fchmod(fd.get(), mode) == 0 && write_all(fd.get(), content, is_durable) &&
        ::rename(temporary.c_str(), path.c_str()) == 0)
        return 0;
    const int failure = errno;
    ::unlink(temporary.c_str());
    return failure;
}

/// As `replace`, without a new file.
int overwrite(const std::filesystem::path& path, std::string_view content)
{
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    return fd && write_all(fd.get(), content) ? 0 : errno;
}

} // namespace

std::optional<std::string> read_file_if_exists(const std::filesystem::path& path)
{
    const auto fd = open_if_exists(path, 0);
    if (!fd)
        return {};
    return read_all(fd.get(), path, std::numeric_limits<std::size_t>::max(), [] {});
}

std::optional<std::string> read_small_file_if_exists(const std::filesystem::path& path,
                                                     const ReadLimits& limits)
{
    const auto fd = open_if_exists(path, O_NONBLOCK);
    if (!fd)
        return {};
    check_type(fd.get(), path);
    const auto deadline = Deadline::after(limits.wait);
    return read_all(fd.get(), path, limits.bytes,
                    [&] { wait_for_writer(fd.get(), path, deadline); });
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
    if (const int failure = replace(path, content, {.mode = mode, .owner = {}}); failure != 0)
        throw_system_error(failure, "Cannot write " + quoted(path));
}

void write_scratch_file(const std::filesystem::path& path, std::string_view content)
{
    if (read_file_if_exists(path) == content)
        return;
    const Attributes attributes{.mode = 0644, .owner = {}, .is_durable = false};
    if (const int failure = replace(path, content, attributes); failure != 0)
        throw_system_error(failure, "Cannot write " + quoted(path));
}

void rewrite_file(const std::filesystem::path& path, std::string_view content)
{
    std::error_code missing;
    const auto file = std::filesystem::canonical(path, missing);
    struct stat status{};
    if (missing || ::stat(file.c_str(), &status) != 0)
        throw Error("There is no file " + quoted(path));
    int failure =
        replace(file, content,
                {.mode = status.st_mode & 07777, .owner = std::pair(status.st_uid, status.st_gid)});
    if (failure == EBUSY || failure == EACCES || failure == EPERM)
        failure = overwrite(file, content);
    if (failure != 0)
        throw_system_error(failure, "Cannot write " + quoted(path));
}

void make_directories(const std::filesystem::path& path, mode_t mode)
{
    if (path.empty())
        return;
    const auto make = [&] {
        if (::mkdir(path.c_str(), mode) != 0)
            return false;
        ::chmod(path.c_str(), mode); // the umask has taken bits away
        return true;
    };
    if (make())
        return;
    if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
        make_directories(path.parent_path());
        if (make())
            return;
    }
    const int error_number = errno;
    std::error_code ignored;
    if (error_number == EEXIST && std::filesystem::is_directory(path, ignored))
        return;
    throw_system_error(error_number, "Cannot create the directory " + quoted(path));
}

namespace {

constexpr std::string_view temporary_infix = ".tmp-";

std::filesystem::path temporary_root()
{
    const char* root = std::getenv("TMPDIR");
    return root != nullptr && *root != '\0' ? root : "/tmp";
}

} // namespace

TemporaryDirectory::TemporaryDirectory(std::string_view prefix)
{
    OwnedDirectory made(temporary_root(), std::string(prefix) + std::string(temporary_infix));
    path_ = made.path();
    lock_ = std::move(made.lock_);
    made.release();
}

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace nimbus
