#pragma once

#include "net/event_loop.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace nimbus::local {

/// Functions' code, unpacked once per content for all functions and instances that share it.
class CodeCache {
public:
    /// Code in use; its directory goes when the last owner does.
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
    CodeCache(const std::filesystem::path& directory, net::WorkerPool& worker);

    /// On the loop's thread; no I/O.
    std::shared_ptr<const Code> find(const std::string& code_sha256);

private:
    std::filesystem::path directory_;
    net::WorkerPool& worker_;
    std::map<std::string, std::weak_ptr<const Code>> codes_;
};

} // namespace nimbus::local
