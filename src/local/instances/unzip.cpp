#include "local/instances/unzip.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace nimbus::local {
namespace {

using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;
using Entry = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

Archive open_archive(const std::filesystem::path& path)
{
    int code = 0;
    Archive archive(::zip_open(path.c_str(), ZIP_RDONLY, &code), ::zip_discard);
    if (!archive)
        throw Error("The function's code " + path.string() + " cannot be read as a zip",
                    "Deploy the function again.");
    return archive;
}

bool stays_inside(std::string_view name)
{
    if (name.empty() || name.starts_with('/') || name.find('\\') != std::string_view::npos)
        return false;
    const auto parts = split(name, '/');
    return std::ranges::none_of(parts, [](std::string_view part) { return part == ".."; });
}

/// Permissions and file type, 0 where the zip was not made on a Unix.
mode_t unix_mode(zip_t* archive, zip_uint64_t index)
{
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (::zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0 ||
        system != ZIP_OPSYS_UNIX)
        return 0;
    return attributes >> 16;
}

void write_all(int fd, std::string_view bytes, const std::string& where)
{
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            throw_system_error(errno, "Cannot unpack the function's code to " + where);
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

/// Returns the number of bytes; throws beyond `budget`.
std::uint64_t unpack_file(zip_t* archive, zip_uint64_t index, mode_t mode,
                          const std::filesystem::path& path, std::uint64_t budget)
{
    const Entry entry(::zip_fopen_index(archive, index, 0), ::zip_fclose);
    if (!entry)
        throw Error("The function's code has an entry that cannot be unpacked: " +
                    std::string(::zip_strerror(archive)));
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                               static_cast<mode_t>(0600)));
    if (!file)
        throw_system_error(errno, "Cannot unpack the function's code to " + path.string());
    std::uint64_t total = 0;
    const auto buffer = std::make_unique<std::array<char, 256 * 1024>>();
    for (;;) {
        const auto got = ::zip_fread(entry.get(), buffer->data(), buffer->size());
        if (got < 0)
            throw Error("The function's code is damaged at " + path.filename().string());
        if (got == 0)
            break;
        total += static_cast<std::uint64_t>(got);
        if (total > budget)
            throw Error("The function's code is larger than the 250 MB that Lambda unpacks");
        write_all(file.get(), {buffer->data(), static_cast<std::size_t>(got)}, path.string());
    }
    ::fchmod(file.get(), (mode & 07777) == 0 ? 0644 : (mode & 0777));
    return total;
}

} // namespace

void unzip(const std::filesystem::path& zip, const std::filesystem::path& directory)
{
    const auto archive = open_archive(zip);
    std::uint64_t budget = max_unpacked_code;
    const auto count = ::zip_get_num_entries(archive.get(), 0);
    for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(std::max<zip_int64_t>(count, 0));
         ++index) {
        const char* stored = ::zip_get_name(archive.get(), index, 0);
        const std::string name = stored != nullptr ? stored : "";
        if (!stays_inside(name))
            throw Error("The function's code has an entry that leaves its directory: '" + name +
                        "'");
        const auto path = directory / name;
        if (name.ends_with('/')) {
            make_directories(path);
            continue;
        }
        const auto mode = unix_mode(archive.get(), index);
        if ((mode & S_IFMT) != 0 && !S_ISREG(mode))
            continue;
        make_directories(path.parent_path());
        budget -= unpack_file(archive.get(), index, mode, path, budget);
    }
}

} // namespace nimbus::local
