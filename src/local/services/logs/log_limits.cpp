#include "local/services/logs/log_store.h"

#include <algorithm>

namespace nimbus::local {
namespace {

/// In one step: some milliseconds.
constexpr std::int64_t most_at_once = 1'000;

/// Deletes the events whose ids `which` selects and counts their groups' bytes down; returns how
/// many they were.
std::int64_t delete_events(sqlite::Database& database, const std::string& which,
                           const std::vector<sqlite::Value>& values)
{
    return database.transaction([&] {
        std::map<std::int64_t, std::int64_t> bytes; ///< by stream
        const auto deleted = database.query("DELETE FROM logs_events WHERE id IN (" + which +
                                                ") RETURNING stream, length(CAST(message AS BLOB))",
                                            values);
        for (const auto& row : deleted)
            bytes[row.integer(0)] += row.integer(1);
        for (const auto& [stream, less] : bytes)
            database.execute("UPDATE logs_groups SET bytes = max(0, bytes - ?) WHERE name = "
                             "(SELECT log_group FROM logs_streams WHERE id = ?)",
                             {less, stream});
        return static_cast<std::int64_t>(deleted.size());
    });
}

} // namespace

bool LogStore::trim()
{
    const auto left = trim_expired() || trim_surplus();
    return trim_streams() || left;
}

bool LogStore::trim_expired()
{
    for (const auto& row : database_.query("SELECT name, retention FROM logs_groups")) {
        const auto days = row.is_null(1) ? limits_.days : row.integer(1);
        if (delete_events(database_,
                          "SELECT e.id FROM logs_streams s JOIN logs_events e ON e.stream = s.id "
                          "WHERE s.log_group = ? AND e.timestamp < ? LIMIT ?",
                          {row.text(0), oldest_kept(days), most_at_once}) > 0)
            return true;
    }
    return false;
}

bool LogStore::trim_surplus()
{
    // Events are numbered in the order of their arrival and go in it, so both ends tell how many
    // there are, or more where groups were deleted.
    // Two statements: SQLite finds one end at once, but reads all events for both.
    const auto ends = database_.query_one("SELECT (SELECT min(id) FROM logs_events), "
                                          "(SELECT max(id) FROM logs_events), "
                                          "(SELECT sum(bytes) FROM logs_groups)");
    if (ends->is_null(0))
        return false;
    const auto surplus = ends->integer(1) - ends->integer(0) + 1 - limits_.events;
    if (surplus <= 0 && ends->integer(2) <= limits_.bytes)
        return false;
    const auto count = surplus > 0 ? std::min(surplus, most_at_once) : most_at_once;
    delete_events(database_, "SELECT id FROM logs_events ORDER BY id LIMIT ?", {count});
    return true;
}

bool LogStore::trim_streams()
{
    return database_.execute("DELETE FROM logs_streams WHERE id IN (SELECT id FROM logs_streams s "
                             "WHERE created < ? AND NOT EXISTS (SELECT 1 FROM logs_events e WHERE "
                             "e.stream = s.id) LIMIT ?)",
                             {oldest_kept(limits_.days), most_at_once}) == most_at_once;
}

} // namespace nimbus::local
