#include "local/services/scheduler/schedule_store.h"

#include "local/services/inputs.h"

#include <boost/json/serialize.hpp>

namespace nimbus::local::scheduler {
namespace {

/// Times are milliseconds since the epoch.
constexpr auto tables = R"(
CREATE TABLE IF NOT EXISTS scheduler_groups (
    region TEXT NOT NULL, name TEXT NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL, is_deleting INTEGER NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (region, name)) STRICT;
CREATE TABLE IF NOT EXISTS scheduler_schedules (
    region TEXT NOT NULL, group_name TEXT NOT NULL, name TEXT NOT NULL,
    settings TEXT NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL, counted_from INTEGER NOT NULL,
    next INTEGER,
    PRIMARY KEY (region, group_name, name),
    FOREIGN KEY (region, group_name) REFERENCES scheduler_groups ON DELETE CASCADE) STRICT;
CREATE INDEX IF NOT EXISTS scheduler_schedules_next ON scheduler_schedules (next);
CREATE TABLE IF NOT EXISTS scheduler_firings (
    id INTEGER PRIMARY KEY,
    region TEXT NOT NULL, group_name TEXT NOT NULL, name TEXT NOT NULL,
    scheduled INTEGER NOT NULL, opened INTEGER NOT NULL, due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    FOREIGN KEY (region, group_name, name) REFERENCES scheduler_schedules ON DELETE CASCADE) STRICT;
CREATE INDEX IF NOT EXISTS scheduler_firings_due ON scheduler_firings (due);
CREATE INDEX IF NOT EXISTS scheduler_firings_schedule
    ON scheduler_firings (region, group_name, name);
)";

constexpr std::string_view schedule_columns =
    "region, group_name, name, settings, created, modified, counted_from, next";

std::int64_t to_column(SystemTime time)
{
    return to_unix_milliseconds(time);
}

sqlite::Value to_column(std::optional<SystemTime> time)
{
    return time ? sqlite::Value(to_column(*time)) : sqlite::Value(nullptr);
}

SystemTime time_at(const sqlite::Row& row, std::size_t column)
{
    return from_unix_milliseconds(row.integer(column));
}

std::optional<SystemTime> optional_time_at(const sqlite::Row& row, std::size_t column)
{
    return row.is_null(column) ? std::nullopt : std::optional(time_at(row, column));
}

ScheduleId id_at(const sqlite::Row& row, std::size_t column)
{
    return {row.text(column), row.text(column + 1), row.text(column + 2)};
}

GroupRecord to_group(const sqlite::Row& row)
{
    GroupRecord group{.region = row.text(0),
                      .name = row.text(1),
                      .created = time_at(row, 2),
                      .modified = time_at(row, 3),
                      .is_deleting = row.integer(4) != 0};
    const auto tags = parse_json(row.text(5), "the tags of a schedule group");
    for (const auto& [key, value] : tags.as_object())
        group.tags[key] = std::string(value.as_string());
    return group;
}

ScheduleRecord to_schedule(const sqlite::Row& row)
{
    auto id = id_at(row, 0);
    const auto settings = parse_json(row.text(3), "the settings of the schedule " + id.name);
    return {.id = id,
            .settings = read_settings(settings.as_object(), id.region),
            .created = time_at(row, 4),
            .modified = time_at(row, 5),
            .counted_from = time_at(row, 6),
            .next = optional_time_at(row, 7)};
}

Firing to_firing(const sqlite::Row& row)
{
    return {.id = row.integer(0),
            .schedule = id_at(row, 1),
            .scheduled = time_at(row, 4),
            .opened = time_at(row, 5),
            .due = time_at(row, 6),
            .attempts = static_cast<int>(row.integer(7))};
}

} // namespace

ScheduleStore::ScheduleStore(sqlite::Database& database) : database_(database)
{
    database_.execute_script(tables);
}

std::optional<GroupRecord> ScheduleStore::find_group(const std::string& region,
                                                     const std::string& name, SystemTime now)
{
    const auto row =
        database_.query_one("SELECT region, name, created, modified, is_deleting, tags "
                            "FROM scheduler_groups WHERE region = ? AND name = ?",
                            {region, name});
    if (row)
        return to_group(*row);
    if (name != default_group)
        return std::nullopt;
    GroupRecord group{.region = region, .name = name, .created = now, .modified = now};
    put(group);
    return group;
}

void ScheduleStore::put(const GroupRecord& group)
{
    database_.execute(
        "INSERT INTO scheduler_groups (region, name, created, modified, is_deleting, tags) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (region, name) DO UPDATE SET "
        "modified = excluded.modified, is_deleting = excluded.is_deleting, tags = excluded.tags",
        {group.region, group.name, to_column(group.created), to_column(group.modified),
         std::int64_t{group.is_deleting}, json::serialize(map_to_json(group.tags))});
}

std::vector<GroupRecord> ScheduleStore::groups(const std::string& region, SystemTime now)
{
    static_cast<void>(find_group(region, std::string(default_group), now));
    std::vector<GroupRecord> groups;
    for (const auto& row :
         database_.query("SELECT region, name, created, modified, is_deleting, tags "
                         "FROM scheduler_groups WHERE region = ? ORDER BY name",
                         {region}))
        groups.push_back(to_group(row));
    return groups;
}

void ScheduleStore::erase_deleted_groups()
{
    database_.execute("DELETE FROM scheduler_groups WHERE is_deleting = 1");
}

std::optional<ScheduleRecord> ScheduleStore::find(const ScheduleId& id)
{
    const auto row = database_.query_one("SELECT " + std::string(schedule_columns) +
                                             " FROM scheduler_schedules "
                                             "WHERE region = ? AND group_name = ? AND name = ?",
                                         {id.region, id.group, id.name});
    if (!row)
        return std::nullopt;
    return to_schedule(*row);
}

void ScheduleStore::put(const ScheduleRecord& schedule)
{
    database_.execute(
        "INSERT INTO scheduler_schedules (" + std::string(schedule_columns) +
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (region, group_name, name) "
            "DO UPDATE SET settings = excluded.settings, modified = excluded.modified, "
            "counted_from = excluded.counted_from, next = excluded.next",
        {schedule.id.region, schedule.id.group, schedule.id.name,
         json::serialize(to_json(schedule.settings)), to_column(schedule.created),
         to_column(schedule.modified), to_column(schedule.counted_from), to_column(schedule.next)});
}

bool ScheduleStore::erase(const ScheduleId& id)
{
    return database_.execute("DELETE FROM scheduler_schedules "
                             "WHERE region = ? AND group_name = ? AND name = ?",
                             {id.region, id.group, id.name}) > 0;
}

std::vector<ScheduleRecord> ScheduleStore::schedules(const std::string& region,
                                                     const std::optional<std::string>& group)
{
    const sqlite::Value wanted = group ? sqlite::Value(*group) : sqlite::Value(nullptr);
    std::vector<ScheduleRecord> schedules;
    for (const auto& row :
         database_.query("SELECT " + std::string(schedule_columns) +
                             " FROM scheduler_schedules "
                             "WHERE region = ? AND group_name = coalesce(?, group_name) "
                             "ORDER BY group_name, name",
                         {region, wanted}))
        schedules.push_back(to_schedule(row));
    return schedules;
}

std::vector<ScheduleId> ScheduleStore::schedules_to_plan(SystemTime now)
{
    std::vector<ScheduleId> ids;
    for (const auto& row : database_.query("SELECT region, group_name, name "
                                           "FROM scheduler_schedules WHERE next <= ? ORDER BY next",
                                           {to_column(now)}))
        ids.push_back(id_at(row, 0));
    return ids;
}

void ScheduleStore::add(const Firing& firing)
{
    database_.execute("INSERT INTO scheduler_firings "
                      "(region, group_name, name, scheduled, opened, due, attempts) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      {firing.schedule.region, firing.schedule.group, firing.schedule.name,
                       to_column(firing.scheduled), to_column(firing.opened), to_column(firing.due),
                       std::int64_t{firing.attempts}});
}

void ScheduleStore::put(const Firing& firing)
{
    database_.execute("UPDATE scheduler_firings SET due = ?, attempts = ? WHERE id = ?",
                      {to_column(firing.due), std::int64_t{firing.attempts}, firing.id});
}

void ScheduleStore::erase(const Firing& firing)
{
    database_.execute("DELETE FROM scheduler_firings WHERE id = ?", {firing.id});
}

void ScheduleStore::erase_firings(const ScheduleId& schedule)
{
    database_.execute("DELETE FROM scheduler_firings "
                      "WHERE region = ? AND group_name = ? AND name = ?",
                      {schedule.region, schedule.group, schedule.name});
}

bool ScheduleStore::has_firings(const ScheduleId& schedule)
{
    return database_
        .query_one("SELECT 1 FROM scheduler_firings "
                   "WHERE region = ? AND group_name = ? AND name = ? LIMIT 1",
                   {schedule.region, schedule.group, schedule.name})
        .has_value();
}

std::vector<Firing> ScheduleStore::due_firings(SystemTime now)
{
    std::vector<Firing> firings;
    for (const auto& row :
         database_.query("SELECT id, region, group_name, name, scheduled, opened, due, attempts "
                         "FROM scheduler_firings WHERE due <= ? ORDER BY due, id",
                         {to_column(now)}))
        firings.push_back(to_firing(row));
    return firings;
}

std::optional<SystemTime> ScheduleStore::next_due()
{
    const auto row = database_.query_one(
        "SELECT min(due) FROM (SELECT min(next) AS due FROM scheduler_schedules "
        "UNION ALL SELECT min(due) FROM scheduler_firings)");
    return optional_time_at(*row, 0);
}

} // namespace nimbus::local::scheduler
