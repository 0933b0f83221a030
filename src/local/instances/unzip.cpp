#include "local/instances/unzip.h"

#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "local/lambda/entry_name.h"

#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

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

constexpr std::size_t bytes_a_step = 256 * 1024;

} // namespace

struct Unzipping::Impl {
    Impl(const std::filesystem::path& zip, std::filesystem::path target)
        : archive(open_archive(zip)), directory(std::move(target)),
          count(static_cast<zip_uint64_t>(
              std::max<zip_int64_t>(::zip_get_num_entries(archive.get(), 0), 0)))
    {
        make_directories(directory);
    }

    void begin_entry()
    {
        const auto index = next++;
        const char* stored = ::zip_get_name(archive.get(), index, 0);
        const std::string name = stored != nullptr ? stored : "";
        if (!stays_in_directory(name))
            throw Error("The function's code has an entry that leaves its directory: '" + name +
                        "'");
        path = directory / name;
        if (name.ends_with('/'))
            return make_directories(path);
        mode = unix_mode(archive.get(), index);
        if ((mode & S_IFMT) != 0 && !S_ISREG(mode))
            return;
        make_directories(path.parent_path());
        entry = Entry(::zip_fopen_index(archive.get(), index, 0), ::zip_fclose);
        if (!entry)
            throw Error("The function's code has an entry that cannot be unpacked: " +
                        std::string(::zip_strerror(archive.get())));
        file = UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                               static_cast<mode_t>(0600)));
        if (!file)
            throw_system_error(errno, "Cannot unpack the function's code to " + path.string());
    }

    void continue_entry()
    {
        const auto got = ::zip_fread(entry.get(), buffer.get(), bytes_a_step);
        if (got < 0)
            throw Error("The function's code is damaged at " + path.filename().string());
        if (got == 0)
            return end_entry();
        const auto bytes = static_cast<std::uint64_t>(got);
        if (bytes > budget)
            throw Error("The function's code is larger than the 250 MB that Lambda unpacks");
        budget -= bytes;
        write_all(file.get(), {buffer.get(), static_cast<std::size_t>(bytes)}, path.string());
    }

    void end_entry()
    {
        // What the owner may do, all may: they cannot get here, but for functions, which may be
        // other users where root runs the cloud. Lambda's own users only have what the zip gives
        // to all.
        const mode_t owner = (mode & 07777) == 0 ? 06 : (mode >> 6) & 07;
        ::fchmod(file.get(), (mode & 0777) | owner << 6 | (owner & 05) << 3 | (owner & 05));
        file.reset();
        entry.reset();
    }

    Archive archive;
    std::filesystem::path directory;
    zip_uint64_t count;
    zip_uint64_t next = 0;
    std::uint64_t budget = max_unpacked_code;
    std::unique_ptr<char[]> buffer = std::make_unique<char[]>(bytes_a_step);

    // Of the entry that is being unpacked:
    Entry entry{nullptr, ::zip_fclose};
    std::filesystem::path path;
    mode_t mode = 0;
    UniqueFd file;
};

Unzipping::Unzipping(const std::filesystem::path& zip, std::filesystem::path directory)
    : impl_(std::make_unique<Impl>(zip, std::move(directory)))
{
}

Unzipping::~Unzipping() = default;

bool Unzipping::step()
{
    if (impl_->entry)
        impl_->continue_entry();
    else if (impl_->next < impl_->count)
        impl_->begin_entry();
    else
        return false;
    return true;
}

} // namespace nimbus::local
