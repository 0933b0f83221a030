#include "base/garbage.h"

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus {
namespace {

/// The scheduler's least, for the thread alone: on Linux, nice values are the threads' own
/// (setpriority(2), "C library/kernel differences").
constexpr int least_priority = 19;

UniqueFd open_directory(int parent, const char* name)
{
    return UniqueFd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

} // namespace

Garbage::Garbage(const std::filesystem::path& directory)
    : prefix_(random_text(8, "0123456789abcdef") + "-")
{
    make_directories(directory, 0700);
    root_ = open_directory(AT_FDCWD, directory.c_str());
    if (!root_)
        throw_system_error(errno, "Cannot open " + directory.string());
    thread_ = std::thread([this] { run(); });
}

Garbage::~Garbage()
{
    {
        const MutexLock lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Garbage::discard(const std::filesystem::path& path)
{
    if (!move_to_root(AT_FDCWD, path.c_str()))
        return;
    {
        const MutexLock lock(mutex_);
        ++discarded_;
    }
    changed_.notify_one();
}

bool Garbage::move_to_root(int parent, const char* name)
{
    const auto new_name = prefix_ + std::to_string(names_++);
    const auto move = [&] { return ::renameat(parent, name, root_.get(), new_name.c_str()) == 0; };
    // A directory with a new parent is written to, which its owner may have forbidden.
    return move() || (errno == EACCES && ::fchmodat(parent, name, S_IRWXU, 0) == 0 && move());
}

void Garbage::run()
{
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), least_priority);
    std::uint64_t seen = 0;
    do {
        {
            const MutexLock lock(mutex_);
            seen = discarded_;
        }
        while (!is_ending_ && empty(open_directory(root_.get(), "."), true))
            continue;
    } while (wait_for_more(seen));
}

bool Garbage::wait_for_more(std::uint64_t seen)
{
    MutexLock lock(mutex_);
    while (!is_ending_ && discarded_ == seen)
        changed_.wait(lock);
    return !is_ending_;
}

/// Did anything change? What was added meanwhile may have been passed over (readdir(3)).
bool Garbage::empty(UniqueFd directory, bool is_root)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(directory.get()), ::closedir);
    if (!entries)
        return false;
    const int parent = directory.release();
    bool has_changed = false;
    while (const auto* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        if (is_ending_)
            break;
        if (take_away(parent, entry->d_name, is_root) != Outcome::stays)
            has_changed = true;
    }
    return has_changed;
}

Garbage::Outcome Garbage::take_away(int parent, const char* name, bool is_at_root)
{
    if (::unlinkat(parent, name, 0) == 0 || ::unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return Outcome::gone;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return Outcome::stays;
    if (!is_at_root)
        return move_to_root(parent, name) ? Outcome::lies_elsewhere : Outcome::stays;
    ::fchmodat(parent, name, S_IRWXU, 0);
    const bool has_changed = empty(open_directory(parent, name), false);
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return Outcome::gone;
    return has_changed ? Outcome::lies_elsewhere : Outcome::stays;
}

} // namespace nimbus
