#include "local/instances/code_cache.h"

#include "base/assert.h"
#include "base/file.h"
#include "local/instances/unzip.h"

#include <system_error>
#include <utility>

namespace nimbus::local {

namespace fs = std::filesystem;

namespace {

/// Code may hold directories that it made unwritable; what cannot go stays until the next start.
void remove_quietly(const fs::path& directory)
{
    std::error_code ignored;
    fs::remove_all(directory, ignored);
}

} // namespace

CodeCache::Code::Code(fs::path directory, net::WorkerPool& worker)
    : directory_(std::move(directory)), worker_(worker)
{
}

CodeCache::Code::~Code()
{
    worker_.post([directory = directory_] { remove_quietly(directory); });
}

void CodeCache::Code::unpack(const fs::path& zip) const
{
    NIMBUS_ASSERT(worker_.is_worker_thread(), "the worker alone touches the disk");
    if (fs::exists(directory_))
        return;
    auto unfinished = directory_;
    unfinished += ".unfinished";
    remove_quietly(unfinished);
    try {
        make_directories(unfinished);
        unzip(zip, unfinished);
        fs::rename(unfinished, directory_);
    } catch (...) {
        remove_quietly(unfinished);
        throw;
    }
}

CodeCache::CodeCache(const fs::path& directory, net::WorkerPool& worker, std::size_t max_recent)
    : directory_(fs::absolute(directory)), worker_(worker), max_recent_(max_recent)
{
    make_directories(directory_, 0700);
    worker_.post([directory = directory_] {
        std::error_code error;
        for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
             entry.increment(error))
            remove_quietly(entry->path());
    });
}

std::shared_ptr<const CodeCache::Code> CodeCache::find(const std::string& code_sha256)
{
    auto& known = codes_[code_sha256];
    auto code = known.lock();
    if (!code) {
        code = std::make_shared<Code>(directory_ / code_sha256, worker_);
        known = code;
    }
    std::erase(recent_, code);
    recent_.push_front(code);
    if (recent_.size() > max_recent_)
        recent_.pop_back();
    NIMBUS_ASSERT(recent_.size() <= max_recent_, "as much code is kept as was said");
    std::erase_if(codes_, [](const auto& each) { return each.second.expired(); });
    return code;
}

} // namespace nimbus::local
