#include "local/postgres/tree_copy.h"

#include "base/error.h"
#include "base/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <memory>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

/// Works on descriptors, so that nobody who may write to the source can lead it elsewhere by
/// swapping a directory for a link.
class TreeCopy {
public:
    TreeCopy(const std::optional<process::Identity>& owner, const TreeCopyRules& rules,
             std::filesystem::path root)
        : owner_(owner), rules_(rules), root_(std::move(root))
    {
    }

    void copy_directory(UniqueFd source, int target, const std::filesystem::path& name)
    {
        const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(source.get()), ::closedir);
        if (!entries)
            fail(name);
        source.release();
        const int from = ::dirfd(entries.get());
        for (errno = 0; const dirent* entry = ::readdir(entries.get()); errno = 0) {
            const std::string entry_name = entry->d_name;
            if (entry_name != "." && entry_name != "..")
                copy_entry(from, target, entry_name, name / entry_name);
        }
        if (errno != 0)
            fail(name);
        give_away(target, name);
    }

    [[noreturn]] static void fail(const std::filesystem::path& name)
    {
        throw_system_error(errno, "Cannot copy '" + name.string() + "'");
    }

private:
    void copy_entry(int from, int to, const std::string& entry, const std::filesystem::path& name)
    {
        if (rules_.leaves_out && rules_.leaves_out(name.lexically_relative(root_)))
            return;
        UniqueFd source(::openat(from, entry.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        if (!source && errno == ENOENT && rules_.may_vanish)
            return;
        struct stat information{};
        if (!source || ::fstat(source.get(), &information) != 0)
            fail(name);
        if (S_ISDIR(information.st_mode)) {
            if (::mkdirat(to, entry.c_str(), 0700) != 0)
                fail(name);
            const UniqueFd target(
                ::openat(to, entry.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (!target)
                fail(name);
            copy_directory(std::move(source), target.get(), name);
            return;
        }
        const UniqueFd target(::openat(to, entry.c_str(),
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!target)
            fail(name);
        if (information.st_size > 0)
            copy_content(source.get(), target.get(), name);
        give_away(target.get(), name);
    }

    void copy_content(int source, int target, const std::filesystem::path& name)
    {
        if (can_share_blocks_ && ::ioctl(target, FICLONE, source) == 0)
            return;
        can_share_blocks_ = false;
        constexpr std::size_t chunk = 1U << 30U;
        for (;;) {
            const ssize_t copied = ::copy_file_range(source, nullptr, target, nullptr, chunk, 0);
            if (copied == 0)
                return;
            if (copied < 0 && errno != EINTR) {
                if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
                    fail(name);
                copy_by_hand(source, target, name);
                return;
            }
        }
    }

    static void copy_by_hand(int source, int target, const std::filesystem::path& name)
    {
        std::array<char, 128 * 1024> buffer;
        for (;;) {
            const ssize_t got = ::read(source, buffer.data(), buffer.size());
            if (got == 0)
                return;
            if (got < 0 && errno != EINTR)
                fail(name);
            for (ssize_t done = 0; done < got;) {
                const ssize_t written =
                    ::write(target, buffer.data() + done, static_cast<std::size_t>(got - done));
                if (written < 0 && errno != EINTR)
                    fail(name);
                done += std::max<ssize_t>(written, 0);
            }
        }
    }

    void give_away(int fd, const std::filesystem::path& name) const
    {
        if (owner_ && ::fchown(fd, owner_->uid, owner_->gid) != 0)
            fail(name);
    }

    std::optional<process::Identity> owner_;
    const TreeCopyRules& rules_;
    std::filesystem::path root_;
    bool can_share_blocks_ = true;
};

} // namespace

void copy_tree(const std::filesystem::path& source, const std::filesystem::path& target,
               const std::optional<process::Identity>& owner, const TreeCopyRules& rules)
{
    UniqueFd from(::open(source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!from)
        TreeCopy::fail(source);
    if (::mkdir(target.c_str(), 0700) != 0)
        throw_system_error(errno, "Cannot create the directory '" + target.string() + "'");
    try {
        const UniqueFd to(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!to)
            TreeCopy::fail(target);
        TreeCopy(owner, rules, source).copy_directory(std::move(from), to.get(), source);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove_all(target, ignored);
        throw;
    }
}

} // namespace nimbus::local::postgres
