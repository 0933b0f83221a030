#pragma once

#include "local/dsql/dialect.h"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nimbus::local::dsql {

/// What the dialect made of the texts that a session sent lately, so that each is parsed once.
/// Bounded in number and in bytes; the one used longest ago leaves first. For one thread.
class ScriptCache {
public:
    std::shared_ptr<const Script> find_or_read(std::string_view text);

private:
    struct Entry {
        std::string text;
        std::shared_ptr<const Script> script;
    };

    std::list<Entry> entries_; ///< the one used last comes first
    /// The keys point into the entries.
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;
    std::size_t bytes_ = 0;
};

} // namespace nimbus::local::dsql
