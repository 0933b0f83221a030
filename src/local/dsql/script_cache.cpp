#include "local/dsql/script_cache.h"

#include "base/assert.h"

namespace nimbus::local::dsql {
namespace {

constexpr std::size_t max_entries = 500;
constexpr std::size_t max_bytes = 512 * 1024;
/// Longer texts carry data and seldom come twice.
constexpr std::size_t max_text = 16 * 1024;

} // namespace

std::shared_ptr<const Script> ScriptCache::find_or_read(std::string_view text)
{
    if (const auto found = by_text_.find(text); found != by_text_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->script;
    }
    std::string copy(text);
    auto script = std::make_shared<const Script>(read_script(copy));
    if (copy.size() > max_text)
        return script;
    bytes_ += copy.size();
    entries_.push_front({std::move(copy), script});
    by_text_.emplace(entries_.front().text, entries_.begin());
    while (entries_.size() > max_entries || bytes_ > max_bytes) {
        bytes_ -= entries_.back().text.size();
        by_text_.erase(entries_.back().text);
        entries_.pop_back();
    }
    NIMBUS_ASSERT(entries_.size() == by_text_.size(), "each entry is found by its text");
    return script;
}

} // namespace nimbus::local::dsql
