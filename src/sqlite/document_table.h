#pragma once

#include "base/json.h"
#include "sqlite/database.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nimbus::sqlite {

/// A table of JSON objects by key, sorted by the key's bytes. Thread-safe; takes part in the
/// database's transactions.
class DocumentTable {
public:
    using Entry = std::pair<std::string, json::object>;

    /// Creates the table when there is none. `name` is an SQL identifier chosen in the source.
    DocumentTable(Database& database, std::string name);

    std::optional<json::object> find(const std::string& key);
    void put(const std::string& key, const json::object& document);
    /// False when there was none.
    bool erase(const std::string& key);
    /// Entries whose key starts with `prefix` and comes after `after`; at most `limit` (0: all).
    std::vector<Entry> list(const std::string& prefix = {}, const std::string& after = {},
                            std::size_t limit = 0);

private:
    Database& database_;
    std::string name_;
};

} // namespace nimbus::sqlite
