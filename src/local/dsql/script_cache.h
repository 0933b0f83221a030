#pragma once

#include "local/dsql/dialect.h"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nimbus::local::dsql {

/// What the dialect made of the texts that a session sent lately, so that each is parsed once, and
/// of those that differ only in the constants of a query or of a change of rows, one. Bounded in
/// number and in bytes; the one used longest ago leaves first. For one thread.
class ScriptCache {
public:
    std::shared_ptr<const Script> find_or_read(std::string_view text);
    /// How many texts were parsed.
    std::size_t reads() const noexcept { return reads_; }

private:
    /// By what an entry is found: a text, or the shape of texts with constants.
    enum class Key { text, shape };
    struct Entry {
        Key kind = Key::text;
        std::string key;
        std::shared_ptr<const Script> script;
        std::size_t rest = 0; ///< of the text, behind its statement, in bytes
    };

    const Entry* find(Key kind, std::string_view key);
    void add(Entry entry);

    std::list<Entry> entries_; ///< the one used last comes first
    /// The keys point into the entries.
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
    std::size_t bytes_ = 0;
    std::size_t reads_ = 0;
};

} // namespace nimbus::local::dsql
