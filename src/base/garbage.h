#pragma once

#include "base/mutex.h"
#include "base/unique_fd.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

namespace nimbus {

/// Takes files and directories away at leisure, however many entries they have: whoever is rid of
/// one only has it moved aside. A thread of its own, which lets others go first, removes one entry
/// after the other. It needs no stack and no long path for directories within directories: what is
/// not empty comes up beside the rest. Thread-safe.
class Garbage {
public:
    /// `directory` is its own, mode 0700; made when missing. What an earlier process left there is
    /// taken away, too. Throws Error.
    explicit Garbage(const std::filesystem::path& directory);
    /// Ends between two entries: the next one goes on.
    ~Garbage();
    Garbage(const Garbage&) = delete;
    Garbage& operator=(const Garbage&) = delete;

    /// When this returns there is nothing at `path`, which lies in the same file system, if there
    /// was. What the system does not let us move stays where it is.
    void discard(const std::filesystem::path& path) NIMBUS_EXCLUDES(mutex_);

private:
    enum class Outcome { gone, lies_elsewhere, stays };

    void run() NIMBUS_EXCLUDES(mutex_);
    bool wait_for_more(std::uint64_t seen) NIMBUS_EXCLUDES(mutex_);
    bool empty(UniqueFd directory, bool is_root);
    Outcome take_away(int parent, const char* name, bool is_at_root);
    bool move_to_root(int parent, const char* name);

    UniqueFd root_;
    std::string prefix_; ///< of names that no earlier process used
    std::atomic<std::uint64_t> names_ = 0;
    std::atomic<bool> is_ending_ = false;
    Mutex mutex_;
    ConditionVariable changed_;
    std::uint64_t discarded_ NIMBUS_GUARDED_BY(mutex_) = 0;
    std::thread thread_; ///< last: it uses all of the above
};

} // namespace nimbus
