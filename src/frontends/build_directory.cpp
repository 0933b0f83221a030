#include "frontends/build_directory.h"

#include "base/error.h"
#include "base/file.h"
#include "crypto/digest.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>

namespace nimbus::frontends {
namespace {

/// flock(2): given back by the kernel when the process ends, however that happens.
UniqueFd lock(const std::filesystem::path& file, const std::filesystem::path& project,
              const std::function<void(std::string_view)>& progress)
{
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd)
        throw_system_error(errno, "Cannot write '" + file.string() + "'");
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (progress)
        progress("Waiting for another build in " + project.string());
    while (::flock(fd.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            throw_system_error(errno, "Cannot lock '" + file.string() + "'");
    return fd;
}

std::filesystem::path directory_for(const std::filesystem::path& root, std::string_view key)
{
    auto path = root / crypto::sha256_hex(key).substr(0, 16);
    make_directories(path);
    return path;
}

} // namespace

BuildDirectory::BuildDirectory(const std::filesystem::path& project, std::string_view key,
                               const std::function<void(std::string_view)>& progress)
{
    const auto root = project / ".nimbus";
    make_directories(root / "build");
    if (!std::filesystem::exists(root / ".gitignore"))
        write_file(root / ".gitignore", "*\n");
    lock_ = std::make_shared<UniqueFd>(lock(root / "build" / "lock", project, progress));
    path_ = directory_for(root / "build", key);
}

BuildDirectory BuildDirectory::beside(std::string_view key) const
{
    auto other = *this;
    other.path_ = directory_for(path_.parent_path(), key);
    return other;
}

} // namespace nimbus::frontends
