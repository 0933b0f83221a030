#include "base/owned_directory.h"

#include "base/error.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace nimbus {
namespace {

constexpr std::string_view random_part = "XXXXXX"; // mkdtemp(3) replaces it

/// Nothing when somebody else has it, or it is gone.
UniqueFd lock_directory(const std::filesystem::path& path)
{
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(fd.get(), &status) != 0 ||
        status.st_nlink == 0 || status.st_uid != ::geteuid())
        return {};
    return fd;
}

/// Six characters, as mkdtemp(3) makes them; eight in names of earlier versions.
bool is_random(std::string_view text)
{
    return text.size() >= random_part.size() && text.size() <= random_part.size() + 2 &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// Calls `use` with each that no process has.
template <class Use>
void for_each_abandoned(const std::filesystem::path& root, const std::string& name_start,
                        const Use& use)
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with(name_start) ||
            !is_random(std::string_view(name).substr(name_start.size())))
            continue;
        if (const auto lock = lock_directory(entry.path()))
            use(entry.path());
    }
}

} // namespace

std::vector<std::filesystem::path> OwnedDirectory::abandoned(const std::filesystem::path& root,
                                                             const std::string& name_start)
{
    std::vector<std::filesystem::path> found;
    for_each_abandoned(root, name_start,
                       [&](const std::filesystem::path& path) { found.push_back(path); });
    return found;
}

void OwnedDirectory::remove_abandoned(const std::filesystem::path& root,
                                      const std::string& name_start)
{
    for_each_abandoned(root, name_start, [](const std::filesystem::path& path) {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    });
}

OwnedDirectory::OwnedDirectory(const std::filesystem::path& root, const std::string& name_start)
{
    remove_abandoned(root, name_start);
    // Until it is locked it looks abandoned: should another process have removed it, the next one.
    while (!lock_) {
        auto pattern = (root / (name_start + std::string(random_part))).string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw_system_error(errno, "Cannot create a temporary directory '" + pattern + "'");
        path_ = pattern;
        lock_ = lock_directory(path_);
    }
}

OwnedDirectory::~OwnedDirectory()
{
    std::error_code ignored;
    if (!path_.empty())
        std::filesystem::remove_all(path_, ignored);
}

} // namespace nimbus
