#include "local/services/blob_store.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/digest.h"

#include <fstream>

namespace nimbus::local {

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
    return directory_ / hash.substr(0, 2) / hash;
}

void BlobStore::collect(const std::string& hash, const std::function<bool()>& referenced)
{
    const MutexLock lock(mutex_);
    if (!pins_.contains(hash) && !referenced())
        std::filesystem::remove(path_of(hash));
}

void BlobStore::sweep(const std::set<std::string>& referenced)
{
    const MutexLock lock(mutex_);
    NIMBUS_ASSERT(pins_.empty(), "a store is swept before anything is put");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_))
        if (entry.is_regular_file() && !referenced.contains(entry.path().filename().string()))
            std::filesystem::remove(entry.path());
}

} // namespace nimbus::local
