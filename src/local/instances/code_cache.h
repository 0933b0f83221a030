#pragma once

#include "net/worker_pool.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace nimbus::local {

/// Functions' code, unpacked once per content for all functions and instances that share it, and
/// kept for a while, so that a function that was idle or got other settings starts at once.
class CodeCache {
public:
    /// Its directory goes when the last owner does.
    class Code {
    public:
        Code(std::filesystem::path directory, net::WorkerPool& worker);
        ~Code();
        Code(const Code&) = delete;
        Code& operator=(const Code&) = delete;

        /// /var/task of the function. There once `unpack` has returned.
        const std::filesystem::path& directory() const noexcept { return directory_; }
        /// On the worker. Does nothing when it was done before; throws Error when the zip cannot be
        /// read, is no code for Lambda (over 250 MB, or a path that leaves the directory), or the
        /// disk is full: nothing is left then.
        void unpack(const std::filesystem::path& zip) const;

    private:
        std::filesystem::path directory_;
        net::WorkerPool& worker_;
    };

    /// Empties `directory`, mode 0700. `worker` has one thread, which does all that touches the
    /// disk: so removing ends before the same code is unpacked again.
    /// The `max_recent` codes that were asked for last stay when nobody owns them any more.
    CodeCache(const std::filesystem::path& directory, net::WorkerPool& worker,
              std::size_t max_recent);

    /// On the loop's thread; no I/O.
    std::shared_ptr<const Code> find(const std::string& code_sha256);

private:
    std::filesystem::path directory_;
    net::WorkerPool& worker_;
    std::size_t max_recent_;
    std::map<std::string, std::weak_ptr<const Code>> codes_;
    std::deque<std::shared_ptr<const Code>> recent_; ///< the one used last in front
};

} // namespace nimbus::local
