#include "sqlite/document_table.h"

#include "base/error.h"

#include <boost/json/serialize.hpp>

namespace nimbus::sqlite {
namespace {

json::object parse(const std::string& text, const std::string& table)
{
    auto value = parse_json(text, "a row of " + table);
    if (!value.is_object())
        throw Error("A row of " + table + " does not hold a JSON object.");
    return std::move(value.get_object());
}

} // namespace

DocumentTable::DocumentTable(Database& database, std::string name)
    : database_(database), name_(std::move(name))
{
    database_.execute_script("CREATE TABLE IF NOT EXISTS " + name_ +
                             " (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT");
}

std::optional<json::object> DocumentTable::find(const std::string& key)
{
    const auto row = database_.query_one("SELECT document FROM " + name_ + " WHERE key = ?", {key});
    if (!row)
        return std::nullopt;
    return parse(row->text(0), name_);
}

void DocumentTable::put(const std::string& key, const json::object& document)
{
    database_.execute("INSERT INTO " + name_ +
                          " (key, document) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
                          "document = excluded.document",
                      {key, json::serialize(document)});
}

bool DocumentTable::erase(const std::string& key)
{
    return database_.execute("DELETE FROM " + name_ + " WHERE key = ?", {key}) > 0;
}

std::vector<DocumentTable::Entry> DocumentTable::list(const std::string& prefix,
                                                      const std::string& after, std::size_t limit)
{
    const auto bound = limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(limit);
    const auto rows =
        database_.query("SELECT key, document FROM " + name_ +
                            " WHERE key > ? AND substr(key, 1, length(?)) = ? ORDER BY key LIMIT ?",
                        {after, prefix, prefix, bound});
    std::vector<Entry> entries;
    entries.reserve(rows.size());
    for (const auto& row : rows)
        entries.emplace_back(row.text(0), parse(row.text(1), name_));
    return entries;
}

} // namespace nimbus::sqlite
