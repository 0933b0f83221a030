#pragma once

#include "base/garbage.h"
#include "local/instances/unzip.h"
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
        Code(std::filesystem::path directory, net::WorkerPool& worker, Garbage& garbage);
        ~Code();
        Code(const Code&) = delete;
        Code& operator=(const Code&) = delete;

        /// /var/task of the function. There once `unpack` has returned false.
        const std::filesystem::path& directory() const noexcept { return directory_; }
        /// On the worker: a small step of unpacking, whoever asks for it. False when all is there,
        /// as when it was done before. Throws Error when the zip cannot be read, is no code for
        /// Lambda (over 250 MB, or a path that leaves the directory), or the disk is full: nothing
        /// is left then.
        bool unpack(const std::filesystem::path& zip) const;

    private:
        std::filesystem::path unfinished() const;

        std::filesystem::path directory_;
        net::WorkerPool& worker_;
        Garbage& garbage_;
        mutable std::unique_ptr<Unzipping> unzipping_; ///< the worker's, while it is under way
    };

    /// What `garbage` has, below the cache's directory.
    static constexpr const char* garbage_name = "garbage";

    /// Empties `directory` into `garbage`. `worker` has one thread, which does all else that
    /// touches the disk: so old code is out of the way before the same code is unpacked again.
    /// Both outlive all codes.
    /// The `max_recent` codes that were asked for last stay when nobody owns them any more.
    CodeCache(const std::filesystem::path& directory, net::WorkerPool& worker, Garbage& garbage,
              std::size_t max_recent);

    /// On the loop's thread; no I/O.
    std::shared_ptr<const Code> find(const std::string& code_sha256);

private:
    std::filesystem::path directory_;
    net::WorkerPool& worker_;
    Garbage& garbage_;
    std::size_t max_recent_;
    std::map<std::string, std::weak_ptr<const Code>> codes_;
    std::deque<std::shared_ptr<const Code>> recent_; ///< the one used last in front
};

} // namespace nimbus::local
