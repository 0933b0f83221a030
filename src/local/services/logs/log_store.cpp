#include "local/services/logs/log_store.h"

#include "local/lambda/log_sink.h"
#include "local/services/inputs.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>

namespace nimbus::local {
namespace {

LogGroup group_from(const sqlite::Row& row)
{
    auto key = row.text(0);
    auto name = key.substr(key.find(':') + 1);
    LogGroup group{.key = std::move(key),
                   .name = std::move(name),
                   .created = row.integer(1),
                   .stored_bytes = row.integer(4)};
    if (!row.is_null(2))
        group.retention_days = row.integer(2);
    const auto tags = parse_json(row.text(3), "a log group's tags");
    for (const auto& [tag, value] : tags.as_object())
        group.tags[tag] = std::string(value.as_string());
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

LogStore::LogStore(sqlite::Database& database, Clock clock, const LogLimits& limits)
    : database_(database), clock_(std::move(clock)), limits_(limits)
{
    database_.execute_script(R"(
        CREATE TABLE IF NOT EXISTS logs_groups (
            name TEXT PRIMARY KEY, created INTEGER NOT NULL, retention INTEGER,
            tags TEXT NOT NULL, bytes INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE IF NOT EXISTS logs_streams (
            id INTEGER PRIMARY KEY,
            log_group TEXT NOT NULL REFERENCES logs_groups ON DELETE CASCADE, name TEXT NOT NULL,
            created INTEGER NOT NULL, UNIQUE (log_group, name)) STRICT;
        CREATE TABLE IF NOT EXISTS logs_events (
            id INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL REFERENCES logs_streams ON DELETE CASCADE,
            timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS logs_events_by_time ON logs_events (stream, timestamp);)");
}

bool LogStore::create_group(const std::string& key, const std::map<std::string, std::string>& tags)
{
    return database_.execute(
               "INSERT OR IGNORE INTO logs_groups (name, created, tags) VALUES (?, ?, ?)",
               {key, to_unix_milliseconds(clock_()), json::serialize(map_to_json(tags))}) > 0;
}

std::optional<LogGroup> LogStore::find_group(const std::string& key)
{
    const auto row = database_.query_one(
        "SELECT name, created, retention, tags, bytes FROM logs_groups WHERE name = ?", {key});
    if (!row)
        return std::nullopt;
    return group_from(*row);
}

std::vector<LogGroup> LogStore::groups(const std::string& prefix, const std::string& part,
                                       const std::string& after, std::size_t limit)
{
    std::vector<LogGroup> result;
    for (const auto& row :
         database_.query("SELECT name, created, retention, tags, bytes FROM logs_groups "
                         "WHERE name > ? AND substr(name, 1, length(?)) = ? "
                         "AND instr(substr(name, instr(name, ':')), ?) > 0 "
                         "ORDER BY name LIMIT ?",
                         {after, prefix, prefix, part, static_cast<std::int64_t>(limit)}))
        result.push_back(group_from(row));
    return result;
}

void LogStore::put_group(const LogGroup& group)
{
    const auto retention =
        group.retention_days ? sqlite::Value(*group.retention_days) : sqlite::Value(nullptr);
    database_.execute("UPDATE logs_groups SET retention = ?, tags = ? WHERE name = ?",
                      {retention, json::serialize(map_to_json(group.tags)), group.key});
}

bool LogStore::delete_group(const std::string& key)
{
    return database_.execute("DELETE FROM logs_groups WHERE name = ?", {key}) > 0;
}

void LogStore::give_regions(const std::function<std::string(const std::string& name)>& region_of)
{
    database_.transaction([&] {
        database_.execute_script("PRAGMA defer_foreign_keys = ON");
        for (const auto& row :
             database_.query("SELECT name FROM logs_groups WHERE instr(name, ':') = 0")) {
            const auto name = row.text(0);
            const auto key = log_group_key(region_of(name), name);
            database_.execute("UPDATE logs_groups SET name = ? WHERE name = ?", {key, name});
            database_.execute("UPDATE logs_streams SET log_group = ? WHERE log_group = ?",
                              {key, name});
        }
    });
}

bool LogStore::create_stream(const std::string& group, const std::string& name)
{
    return database_.execute(
               "INSERT OR IGNORE INTO logs_streams (log_group, name, created) VALUES (?, ?, ?)",
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
             "(SELECT min(timestamp) FROM logs_events e WHERE e.stream = s.id), "
             "(SELECT max(timestamp) FROM logs_events e WHERE e.stream = s.id) "
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
    return database_.transaction([&] {
        const auto deleted = database_.execute(
            "DELETE FROM logs_streams WHERE log_group = ? AND name = ?", {group, name});
        count_bytes(group);
        return deleted > 0;
    });
}

std::int64_t LogStore::stream_id(const std::string& group, const std::string& name)
{
    const auto find = [&] {
        return database_.query_one("SELECT id FROM logs_streams WHERE log_group = ? AND name = ?",
                                   {group, name});
    };
    auto row = find();
    if (!row) {
        create_group(group, {});
        create_stream(group, name);
        row = find();
    }
    return row->integer(0);
}

void LogStore::append(const std::vector<LogEvent>& events)
{
    database_.transaction([&] {
        std::map<std::pair<std::string_view, std::string_view>, std::int64_t> streams;
        std::map<std::string_view, std::int64_t> bytes;
        for (const auto& event : events) {
            auto [stream, is_new] = streams.try_emplace({event.group, event.stream}, 0);
            if (is_new)
                stream->second = stream_id(event.group, event.stream);
            database_.execute("INSERT INTO logs_events (stream, timestamp, ingested, message) "
                              "VALUES (?, ?, ?, ?)",
                              {stream->second, event.timestamp, event.ingested, event.message});
            bytes[event.group] += static_cast<std::int64_t>(event.message.size());
        }
        for (const auto& [group, more] : bytes)
            database_.execute("UPDATE logs_groups SET bytes = bytes + ? WHERE name = ?",
                              {more, std::string(group)});
    });
}

std::vector<LogEvent> LogStore::query(const LogQuery& query)
{
    // The cursor bounds the time too, which the index can use.
    auto from = query.after ? std::max(query.from, query.after->timestamp) : query.from;
    const auto group = find_group(query.group);
    if (group && group->retention_days)
        from = std::max(from, oldest_kept(*group->retention_days));
    std::string sql = "SELECT e.id, s.name, timestamp, ingested, message "
                      "FROM logs_streams s JOIN logs_events e ON e.stream = s.id "
                      "WHERE log_group = ? AND timestamp >= ? AND timestamp < ?";
    std::vector<sqlite::Value> values{query.group, from, query.until};
    if (!query.streams.empty()) {
        sql += " AND s.name IN (" + placeholders(query.streams.size()) + ")";
        values.insert(values.end(), query.streams.begin(), query.streams.end());
    }
    if (!query.stream_prefix.empty()) {
        sql += " AND substr(s.name, 1, length(?)) = ?";
        values.insert(values.end(), 2, query.stream_prefix);
    }
    if (query.after) {
        sql += " AND (timestamp, e.id) > (?, ?)";
        values.insert(values.end(), {query.after->timestamp, query.after->id});
    }
    if (query.before) {
        sql += " AND (timestamp, e.id) < (?, ?)";
        values.insert(values.end(), {query.before->timestamp, query.before->id});
    }
    const std::string order = query.newest_first ? " DESC" : "";
    sql += " ORDER BY timestamp" + order + ", e.id" + order + " LIMIT ?";
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

std::int64_t LogStore::oldest_kept(std::int64_t retention_days) const
{
    return to_unix_milliseconds(clock_() - std::chrono::days(retention_days));
}

void LogStore::count_bytes(const std::string& group)
{
    database_.execute(
        "UPDATE logs_groups SET bytes = (SELECT coalesce(sum(length(CAST(message AS BLOB))), 0) "
        "FROM logs_events WHERE stream IN "
        "(SELECT id FROM logs_streams WHERE log_group = ?1)) WHERE name = ?1",
        {group});
}

} // namespace nimbus::local
