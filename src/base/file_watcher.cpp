#include "base/file_watcher.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace nimbus {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t named = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t written = IN_MODIFY | IN_CLOSE_WRITE;
constexpr std::uint32_t gone = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED;
constexpr long look_every_nanoseconds = 500'000'000;

/// Editors' own files: .main.cpp.swp, main.cpp~.
bool counts(const std::string& name)
{
    return !name.starts_with('.') && !name.ends_with('~');
}

/// What a file or a directory's names look like from outside; empty: there is none.
std::string look_at(const fs::path& path)
{
    struct stat status;
    if (::stat(path.c_str(), &status) != 0)
        return {};
    return std::to_string(status.st_ino) + ' ' + std::to_string(status.st_size) + ' ' +
           std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec);
}

/// The nearest that exists, from `directory` upwards.
fs::path existing(fs::path directory)
{
    std::error_code ignored;
    while (directory.has_relative_path() && !fs::is_directory(directory, ignored))
        directory = directory.parent_path();
    return directory;
}

} // namespace

FileWatcher::FileWatcher() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    if (!inotify_)
        look_instead(errno);
}

int FileWatcher::descriptor() const noexcept
{
    return timer_ ? timer_.get() : inotify_.get();
}

void FileWatcher::watch(const std::set<fs::path>& files, std::set<fs::path> directories)
{
    being_written_.clear();
    files_.clear();
    directories_ = std::move(directories);
    auto needed = directories_;
    for (const auto& file : files) {
        files_.emplace(file, file);
        needed.insert(file.parent_path());
        std::error_code failure;
        const auto real = fs::canonical(file, failure);
        if (failure || real == file)
            continue;
        files_.emplace(real, file);
        needed.insert(real.parent_path());
    }
    std::set<fs::path> present;
    for (const auto& directory : needed)
        present.insert(existing(directory));

    if (!timer_) {
        for (auto old = by_directory_.begin(); old != by_directory_.end();) {
            if (present.contains(old->first)) {
                ++old;
                continue;
            }
            ::inotify_rm_watch(inotify_.get(), old->second);
            by_watch_.erase(old->second);
            old = by_directory_.erase(old);
        }
        for (const auto& directory : present)
            if (!timer_)
                add_directory(directory);
    }
    if (timer_) {
        looks_.clear();
        for (const auto& [real, file] : files_)
            looks_[real] = look_at(real);
        for (const auto& directory : directories_)
            looks_[directory] = look_at(directory);
    } else {
        changes(); // what came before
    }
}

void FileWatcher::add_directory(const Directory& directory)
{
    const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(),
                                          named | written | IN_DELETE_SELF | IN_MOVE_SELF |
                                              IN_ONLYDIR | IN_EXCL_UNLINK);
    if (watch < 0) {
        if (errno == ENOSPC || errno == ENOMEM)
            look_instead(errno);
        return; // one that has gone meanwhile is missed as one that was never there
    }
    by_watch_[watch] = directory;
    by_directory_[directory] = watch;
}

void FileWatcher::look_instead(int error)
{
    trouble_ = std::string("The system grants no more inotify watches (") + std::strerror(error) +
               "), so the files are looked at twice a second; fs.inotify.max_user_watches and "
               "max_user_instances set the limit";
    by_watch_.clear();
    by_directory_.clear();
    inotify_.reset();
    timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    const itimerspec every{.it_interval = {.tv_sec = 0, .tv_nsec = look_every_nanoseconds},
                           .it_value = {.tv_sec = 0, .tv_nsec = look_every_nanoseconds}};
    if (!timer_ || ::timerfd_settime(timer_.get(), 0, &every, nullptr) != 0)
        throw Error(std::string("Files cannot be watched: ") + std::strerror(errno),
                    "Close other programs, or raise the limit of open files.");
}

std::set<fs::path> FileWatcher::changes()
{
    if (timer_)
        return looked_at();
    std::set<fs::path> changed;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (;;) {
        const auto got = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (got <= 0)
            return changed;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event;
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            const char* name = buffer.data() + at + sizeof(event);
            at += sizeof(event) + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                for (const auto& [real, file] : files_)
                    changed.insert(file);
                changed.insert(directories_.begin(), directories_.end());
                continue;
            }
            const auto watched = by_watch_.find(event.wd);
            if (watched == by_watch_.end())
                continue;
            const auto directory = watched->second;
            take_event(directory, event.len > 0 ? std::string(name) : "", event.mask, changed);
            if ((event.mask & gone) != 0) {
                by_directory_.erase(directory);
                by_watch_.erase(event.wd);
            }
        }
    }
}

void FileWatcher::take_event(const Directory& directory, const std::string& name,
                             std::uint32_t mask, std::set<fs::path>& changed)
{
    if ((mask & gone) != 0) {
        for (const auto& [real, file] : files_)
            if (real.parent_path() == directory)
                changed.insert(file);
        return;
    }
    const auto path = directory / name;
    const auto [first, last] = files_.equal_range(path);
    for (auto each = first; each != last; ++each)
        changed.insert(each->second);
    if (first != last && (mask & IN_MODIFY) != 0)
        being_written_.insert(path);
    else
        being_written_.erase(path);
    if ((mask & named) == 0)
        return;
    if (directories_.contains(directory) && counts(name))
        changed.insert(directory);
    // A directory that was missing, or has another in its place.
    if ((mask & IN_ISDIR) != 0)
        for (const auto& [real, file] : files_)
            if (real.string().starts_with(path.string() + '/'))
                changed.insert(file);
}

std::set<fs::path> FileWatcher::looked_at()
{
    std::uint64_t expirations = 0;
    [[maybe_unused]] const auto ignored = ::read(timer_.get(), &expirations, sizeof(expirations));
    std::set<fs::path> changed;
    for (auto& [path, look] : looks_) {
        auto now = look_at(path);
        if (now == look)
            continue;
        look = std::move(now);
        const auto [first, last] = files_.equal_range(path);
        for (auto each = first; each != last; ++each)
            changed.insert(each->second);
        if (first == last)
            changed.insert(path);
    }
    return changed;
}

} // namespace nimbus
