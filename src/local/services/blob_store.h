#pragma once

#include "base/mutex.h"
#include "base/time.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

/// Immutable files named by the SHA-256 of their content. A file is written before the row that
/// refers to it and removed after it, so a crash leaves at most files that nothing refers to. At
/// the next start `sweep` sets these aside, in `unreferenced` below the directory, and removes them
/// some days later: the rows may be what is missing. Thread-safe.
class BlobStore {
public:
    /// Keeps a blob from being collected while the row that will refer to it is not written yet.
    class Pin {
    public:
        Pin(BlobStore& store, std::string hash);
        ~Pin();
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;

        const std::string& hash() const noexcept { return hash_; }

    private:
        BlobStore& store_;
        std::string hash_;
    };

    /// Creates the directory, mode 0700, when there is none.
    explicit BlobStore(std::filesystem::path directory);

    /// Writes the content when it is new. The pin tells its hash, in hexadecimal digits.
    std::unique_ptr<Pin> put(std::string_view content);
    /// Holds what was put before; null when it is not there.
    std::unique_ptr<Pin> hold(const std::string& hash);
    std::string read(const std::string& hash) const;
    /// `length` bytes from `offset` on.
    std::string read(const std::string& hash, std::uint64_t offset, std::uint64_t length) const;
    std::filesystem::path path_of(const std::string& hash) const;
    static std::filesystem::path path_in(const std::filesystem::path& directory,
                                         const std::string& hash);

    /// Of all that is stored.
    std::vector<std::string> hashes() const;
    /// Removes the blob when it is neither pinned nor `referenced`.
    void collect(const std::string& hash, const std::function<bool()>& referenced);
    /// Sets aside what is not among `referenced`, and takes back what is among them and was set
    /// aside; removes what was set aside longer ago than `kept_aside`. At start-up, before anything
    /// is put.
    void sweep(const std::set<std::string>& referenced, SystemTime now);

    static constexpr std::chrono::days kept_aside{7};
    static constexpr const char* aside_directory = "unreferenced";

private:
    std::filesystem::path directory_;
    Mutex mutex_;
    std::map<std::string, int> pins_ NIMBUS_GUARDED_BY(mutex_); ///< how many there are, by hash
};

} // namespace nimbus::local
