#include "local/services/log_store.h"

#include "local/services/inputs.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace nimbus::local {
namespace {

LogGroup group_from(const sqlite::Row& row)
{
    LogGroup group{.name = row.text(0), .created = row.integer(1)};
    if (!row.is_null(2))
        group.retention_days = row.integer(2);
    const auto tags = parse_json(row.text(3), "a log group's tags");
    for (const auto& [key, value] : tags.as_object())
        group.tags[key] = std::string(value.as_string());
    return group;
}

std::string placeholders(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += i == 0 ? "?" : ", ?";
    return text;
}

} // namespace

LogStore::LogStore(sqlite::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock))
{
    database_.execute_script(R"(
        CREATE TABLE IF NOT EXISTS logs_groups (
            name TEXT PRIMARY KEY, created INTEGER NOT NULL, retention INTEGER,
            tags TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS logs_streams (
            log_group TEXT NOT NULL REFERENCES logs_groups ON DELETE CASCADE, name TEXT NOT NULL,
            created INTEGER NOT NULL, PRIMARY KEY (log_group, name)) STRICT;
        CREATE TABLE IF NOT EXISTS logs_events (
            id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, stream TEXT NOT NULL,
            timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL,
            FOREIGN KEY (log_group, stream) REFERENCES logs_streams ON DELETE CASCADE) STRICT;
        CREATE INDEX IF NOT EXISTS logs_events_by_stream
            ON logs_events (log_group, stream, timestamp);
        CREATE INDEX IF NOT EXISTS logs_events_by_time ON logs_events (log_group, timestamp);)");
    expire();
}

bool LogStore::create_group(const std::string& name, const std::map<std::string, std::string>& tags)
{
    return database_.execute(
               "INSERT OR IGNORE INTO logs_groups VALUES (?, ?, NULL, ?)",
               {name, to_unix_milliseconds(clock_()), json::serialize(map_to_json(tags))}) > 0;
}

std::optional<LogGroup> LogStore::find_group(const std::string& name)
{
    const auto row = database_.query_one(
        "SELECT name, created, retention, tags FROM logs_groups WHERE name = ?", {name});
    if (!row)
        return std::nullopt;
    return group_from(*row);
}

std::vector<LogGroup> LogStore::groups(const std::string& prefix, const std::string& after,
                                       std::size_t limit)
{
    std::vector<LogGroup> result;
    for (const auto& row :
         database_.query("SELECT name, created, retention, tags FROM logs_groups "
                         "WHERE name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?",
                         {after, prefix, prefix, static_cast<std::int64_t>(limit)})) {
        auto group = group_from(row);
        group.stored_bytes =
            database_
                .query_one("SELECT coalesce(sum(length(message)), 0) FROM logs_events "
                           "WHERE log_group = ?",
                           {group.name})
                ->integer(0);
        result.push_back(std::move(group));
    }
    return result;
}

void LogStore::put_group(const LogGroup& group)
{
    const auto retention =
        group.retention_days ? sqlite::Value(*group.retention_days) : sqlite::Value(nullptr);
    database_.execute("UPDATE logs_groups SET retention = ?, tags = ? WHERE name = ?",
                      {retention, json::serialize(map_to_json(group.tags)), group.name});
}

bool LogStore::delete_group(const std::string& name)
{
    return database_.execute("DELETE FROM logs_groups WHERE name = ?", {name}) > 0;
}

bool LogStore::create_stream(const std::string& group, const std::string& name)
{
    return database_.execute("INSERT OR IGNORE INTO logs_streams VALUES (?, ?, ?)",
                             {group, name, to_unix_milliseconds(clock_())}) > 0;
}

bool LogStore::has_stream(const std::string& group, const std::string& name)
{
    return database_
        .query_one("SELECT 1 FROM logs_streams WHERE log_group = ? AND name = ?", {group, name})
        .has_value();
}

std::vector<LogStream> LogStore::streams(const std::string& group, const std::string& prefix)
{
    std::vector<LogStream> result;
    for (const auto& row : database_.query(
             "SELECT name, created, "
             "(SELECT min(timestamp) FROM logs_events e WHERE e.log_group = s.log_group "
             " AND e.stream = s.name), "
             "(SELECT max(timestamp) FROM logs_events e WHERE e.log_group = s.log_group "
             " AND e.stream = s.name) "
             "FROM logs_streams s WHERE log_group = ? AND substr(name, 1, length(?)) = ? "
             "ORDER BY name",
             {group, prefix, prefix})) {
        LogStream stream{.name = row.text(0), .created = row.integer(1)};
        if (!row.is_null(2)) {
            stream.first_event = row.integer(2);
            stream.last_event = row.integer(3);
        }
        result.push_back(std::move(stream));
    }
    return result;
}

bool LogStore::delete_stream(const std::string& group, const std::string& name)
{
    return database_.execute("DELETE FROM logs_streams WHERE log_group = ? AND name = ?",
                             {group, name}) > 0;
}

void LogStore::append(const std::vector<LogEvent>& events)
{
    database_.transaction([&] {
        std::set<std::pair<std::string, std::string>> known;
        for (const auto& event : events) {
            if (known.emplace(event.group, event.stream).second) {
                create_group(event.group, {});
                create_stream(event.group, event.stream);
            }
            database_.execute(
                "INSERT INTO logs_events "
                "(log_group, stream, timestamp, ingested, message) "
                "VALUES (?, ?, ?, ?, ?)",
                {event.group, event.stream, event.timestamp, event.ingested, event.message});
        }
    });
}

std::vector<LogEvent> LogStore::query(const LogQuery& query)
{
    std::string sql = "SELECT id, stream, timestamp, ingested, message FROM logs_events "
                      "WHERE log_group = ? AND timestamp >= ? AND timestamp < ?";
    std::vector<sqlite::Value> values{query.group, query.from, query.until};
    if (!query.streams.empty()) {
        sql += " AND stream IN (" + placeholders(query.streams.size()) + ")";
        values.insert(values.end(), query.streams.begin(), query.streams.end());
    }
    if (!query.stream_prefix.empty()) {
        sql += " AND substr(stream, 1, length(?)) = ?";
        values.insert(values.end(), 2, query.stream_prefix);
    }
    if (query.after) {
        sql += " AND (timestamp, id) > (?, ?)";
        values.insert(values.end(), {query.after->timestamp, query.after->id});
    }
    if (query.before) {
        sql += " AND (timestamp, id) < (?, ?)";
        values.insert(values.end(), {query.before->timestamp, query.before->id});
    }
    const std::string order = query.newest_first ? " DESC" : "";
    sql += " ORDER BY timestamp" + order + ", id" + order + " LIMIT ?";
    values.emplace_back(static_cast<std::int64_t>(query.limit));
    std::vector<LogEvent> result;
    for (const auto& row : database_.query(sql, values))
        result.push_back({.id = row.integer(0),
                          .group = query.group,
                          .stream = row.text(1),
                          .timestamp = row.integer(2),
                          .ingested = row.integer(3),
                          .message = row.text(4)});
    return result;
}

void LogStore::expire()
{
    const auto now = to_unix_milliseconds(clock_());
    for (const auto& row :
         database_.query("SELECT name, retention FROM logs_groups WHERE retention IS NOT NULL"))
        database_.execute("DELETE FROM logs_events WHERE log_group = ? AND timestamp < ?",
                          {row.text(0), now - row.integer(1) * 86'400'000});
}

} // namespace nimbus::local
