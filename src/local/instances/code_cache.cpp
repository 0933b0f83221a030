#include "local/instances/code_cache.h"

#include "base/assert.h"

#include <utility>
#include <vector>

namespace nimbus::local {

namespace fs = std::filesystem;

CodeCache::Code::Code(fs::path directory, net::WorkerPool& worker, Garbage& garbage)
    : directory_(std::move(directory)), worker_(worker), garbage_(garbage)
{
}

CodeCache::Code::~Code()
{
    auto discard = [directory = directory_, unfinished = unfinished(), &garbage = garbage_] {
        garbage.discard(directory);
        garbage.discard(unfinished);
    };
    // Before whatever job is posted next, which may be to unpack the same.
    if (worker_.is_worker_thread())
        discard();
    else
        worker_.post(std::move(discard));
}

fs::path CodeCache::Code::unfinished() const
{
    auto path = directory_;
    path += ".unfinished";
    return path;
}

bool CodeCache::Code::unpack(const fs::path& zip) const
{
    NIMBUS_ASSERT(worker_.is_worker_thread(), "the worker alone unpacks");
    try {
        if (!unzipping_) {
            if (fs::exists(directory_))
                return false;
            garbage_.discard(unfinished());
            unzipping_ = std::make_unique<Unzipping>(zip, unfinished());
        }
        if (unzipping_->step())
            return true;
        unzipping_.reset();
        fs::rename(unfinished(), directory_);
        return false;
    } catch (...) {
        unzipping_.reset();
        garbage_.discard(unfinished());
        throw;
    }
}

CodeCache::CodeCache(const fs::path& directory, net::WorkerPool& worker, Garbage& garbage,
                     std::size_t max_recent)
    : directory_(fs::absolute(directory)), worker_(worker), garbage_(garbage),
      max_recent_(max_recent)
{
    std::vector<fs::path> left;
    for (const auto& entry : fs::directory_iterator(directory_))
        if (entry.path().filename() != garbage_name)
            left.push_back(entry.path());
    for (const auto& path : left)
        garbage_.discard(path);
}

std::shared_ptr<const CodeCache::Code> CodeCache::find(const std::string& code_sha256)
{
    auto& known = codes_[code_sha256];
    auto code = known.lock();
    if (!code) {
        code = std::make_shared<Code>(directory_ / code_sha256, worker_, garbage_);
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
