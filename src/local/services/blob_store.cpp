#include "local/services/blob_store.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/digest.h"

#include <algorithm>
#include <chrono>
#include <fstream>

namespace nimbus::local {

namespace fs = std::filesystem;

namespace {

/// Listed before any of them is moved.
std::vector<fs::path> entries_of(const fs::path& directory)
{
    std::vector<fs::path> entries;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none))
        entries.push_back(entry.path());
    return entries;
}

/// Without what is set aside. A crash may leave files anywhere.
std::vector<fs::path> stored_files(const fs::path& directory)
{
    std::vector<fs::path> files;
    const auto add = [&](const fs::path& path) {
        if (fs::is_regular_file(path))
            files.push_back(path);
    };
    for (const auto& entry : entries_of(directory)) {
        add(entry);
        if (fs::is_directory(entry) && entry.filename() != BlobStore::aside_directory)
            std::ranges::for_each(entries_of(entry), add);
    }
    return files;
}

fs::file_time_type time_of_files(SystemTime time)
{
    return fs::file_time_type::clock::from_sys(time);
}

} // namespace

BlobStore::Pin::Pin(BlobStore& store, std::string hash) : store_(store), hash_(std::move(hash))
{
    const MutexLock lock(store_.mutex_);
    ++store_.pins_[hash_];
}

BlobStore::Pin::~Pin()
{
    const MutexLock lock(store_.mutex_);
    const auto pin = store_.pins_.find(hash_);
    NIMBUS_ASSERT(pin != store_.pins_.end() && pin->second > 0, "what is let go was pinned");
    if (--pin->second == 0)
        store_.pins_.erase(pin);
}

BlobStore::BlobStore(std::filesystem::path directory) : directory_(std::move(directory))
{
    make_directories(directory_, 0700);
}

std::unique_ptr<BlobStore::Pin> BlobStore::put(std::string_view content)
{
    auto pin = std::make_unique<Pin>(*this, crypto::sha256_hex(content));
    const auto path = path_of(pin->hash());
    if (!std::filesystem::exists(path)) {
        make_directories(path.parent_path(), 0700);
        write_file(path, content, 0600);
    }
    return pin;
}

std::unique_ptr<BlobStore::Pin> BlobStore::hold(const std::string& hash)
{
    // Pinned first: what is there then stays.
    auto pin = std::make_unique<Pin>(*this, hash);
    return std::filesystem::exists(path_of(hash)) ? std::move(pin) : nullptr;
}

std::string BlobStore::read(const std::string& hash) const
{
    return read_file(path_of(hash));
}

std::string BlobStore::read(const std::string& hash, std::uint64_t offset,
                            std::uint64_t length) const
{
    const auto path = path_of(hash);
    std::ifstream file(path, std::ios::binary);
    std::string result(length, '\0');
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(result.data(), static_cast<std::streamsize>(length));
    if (!file)
        throw Error("The stored content " + path.string() + " cannot be read or is too short.");
    return result;
}

std::filesystem::path BlobStore::path_of(const std::string& hash) const
{
    return path_in(directory_, hash);
}

std::filesystem::path BlobStore::path_in(const std::filesystem::path& directory,
                                         const std::string& hash)
{
    return directory / hash.substr(0, 2) / hash;
}

std::vector<std::string> BlobStore::hashes() const
{
    std::vector<std::string> hashes;
    for (const auto& file : stored_files(directory_))
        hashes.push_back(file.filename().string());
    return hashes;
}

void BlobStore::collect(const std::string& hash, const std::function<bool()>& referenced)
{
    const MutexLock lock(mutex_);
    if (!pins_.contains(hash) && !referenced())
        std::filesystem::remove(path_of(hash));
}

void BlobStore::sweep(const std::set<std::string>& referenced, SystemTime now)
{
    const MutexLock lock(mutex_);
    NIMBUS_ASSERT(pins_.empty(), "a store is swept before anything is put");
    const auto aside = directory_ / aside_directory;
    const auto today = time_of_files(now);
    for (const auto& entry : entries_of(aside)) {
        const auto name = entry.filename().string();
        if (referenced.contains(name) && !fs::exists(path_of(name))) {
            make_directories(path_of(name).parent_path(), 0700);
            fs::rename(entry, path_of(name));
        } else if (fs::last_write_time(entry) < today - kept_aside) {
            fs::remove(entry);
        }
    }
    for (const auto& entry : stored_files(directory_)) {
        if (referenced.contains(entry.filename().string()))
            continue;
        make_directories(aside, 0700);
        fs::rename(entry, aside / entry.filename());
        fs::last_write_time(aside / entry.filename(), today);
    }
}

} // namespace nimbus::local
