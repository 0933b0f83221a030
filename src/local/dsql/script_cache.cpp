#include "local/dsql/script_cache.h"

#include "base/assert.h"
#include "base/text.h"
#include "local/dsql/statement_shape.h"

#include <algorithm>
#include <array>

namespace nimbus::local::dsql {
namespace {

constexpr std::size_t max_entries = 500;
constexpr std::size_t max_bytes = 512 * 1024;
/// Longer texts carry data and seldom come twice.
constexpr std::size_t max_text = 16 * 1024;

constexpr std::array<std::string_view, 6> queries_and_changes{"select", "values", "with",
                                                              "insert", "update", "delete"};

/// Does the dialect say the same of all texts of that shape? In queries and changes of rows it does
/// not look at constants. What it refuses or rewrites is read each time.
bool speaks_for_its_shape(const Script& script, std::string_view text)
{
    if (script.statements.size() != 1 || !script.unchanged())
        return false;
    const auto begin = text.substr(std::min(text.find_first_not_of(" \t\n\r"), text.size()));
    const auto word = begin.substr(0, begin.find_first_of(" \t\n\r(*'\""));
    return text.starts_with(script.statements.front().text) &&
           std::ranges::any_of(queries_and_changes,
                               [&](std::string_view known) { return iequals(word, known); });
}

/// The script of another text of the same shape.
std::shared_ptr<const Script> with_text(const Script& known, std::string_view text)
{
    Script script = known;
    script.statements.front().text = text;
    return std::make_shared<const Script>(std::move(script));
}

} // namespace

const ScriptCache::Entry* ScriptCache::find(Key kind, std::string_view key)
{
    const auto found = by_key_.find(key);
    if (found == by_key_.end() || found->second->kind != kind)
        return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &*found->second;
}

void ScriptCache::add(Entry entry)
{
    if (entry.key.size() > max_text || by_key_.contains(entry.key))
        return;
    bytes_ += entry.key.size();
    entries_.push_front(std::move(entry));
    by_key_.emplace(entries_.front().key, entries_.begin());
    while (entries_.size() > max_entries || bytes_ > max_bytes) {
        bytes_ -= entries_.back().key.size();
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
    NIMBUS_ASSERT(entries_.size() == by_key_.size(), "each entry is found by its key");
}

std::shared_ptr<const Script> ScriptCache::find_or_read(std::string_view text)
{
    if (const auto* entry = find(Key::text, text))
        return entry->script;
    auto shape = text.size() <= max_text ? statement_shape(text) : std::nullopt;
    if (shape)
        if (const auto* entry = find(Key::shape, *shape))
            return with_text(*entry->script, text.substr(0, text.size() - entry->rest));
    ++reads_;
    std::string copy(text);
    auto script = std::make_shared<const Script>(read_script(copy));
    if (shape && *shape != text && speaks_for_its_shape(*script, text))
        add({.kind = Key::shape,
             .key = *std::move(shape),
             .script = script,
             .rest = text.size() - script->statements.front().text.size()});
    else
        add({.key = std::move(copy), .script = script});
    return script;
}

} // namespace nimbus::local::dsql
