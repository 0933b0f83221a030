#pragma once

#include "local/services/scheduler/schedule_record.h"
#include "sqlite/database.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local::scheduler {

/// The group of schedules that name none: every Region has it, and it cannot be deleted.
inline constexpr std::string_view default_group = "default";

struct GroupRecord {
    std::string region;
    std::string name;
    SystemTime created;
    SystemTime modified;
    bool is_deleting = false; ///< its schedules are about to be deleted, and then it is
    std::map<std::string, std::string> tags;
};

/// One invocation of a schedule's target that is still to be made.
struct Firing {
    std::int64_t id = 0;
    ScheduleId schedule;
    SystemTime scheduled; ///< the moment that the expression says
    SystemTime opened;    ///< when it was, or is, to be made for the first time: within the window
    SystemTime due;       ///< when it is to be made, again if it was refused
    int attempts = 0;     ///< made so far
};

/// Schedules, groups and firings: tables of the local cloud's database. Thread-safe; takes part in
/// the database's transactions.
class ScheduleStore {
public:
    explicit ScheduleStore(sqlite::Database& database);

    /// The default group is made when it is first asked for, at `now`.
    std::optional<GroupRecord> find_group(const std::string& region, const std::string& name,
                                          SystemTime now);
    void put(const GroupRecord& group);
    /// Of a Region, by name. At `now`: see find_group.
    std::vector<GroupRecord> groups(const std::string& region, SystemTime now);
    /// Deletes the groups that are to be deleted, with their schedules.
    void erase_deleted_groups();

    std::optional<ScheduleRecord> find(const ScheduleId& id);
    void put(const ScheduleRecord& schedule);
    /// With its firings. False when there was none.
    bool erase(const ScheduleId& id);
    /// Of a Region, or of one of its groups, by group and name.
    std::vector<ScheduleRecord> schedules(const std::string& region,
                                          const std::optional<std::string>& group);

    /// Those with a moment that has come and is not planned.
    std::vector<ScheduleId> schedules_to_plan(SystemTime now);

    void add(const Firing& firing);
    void put(const Firing& firing);
    void erase(const Firing& firing);
    void erase_firings(const ScheduleId& schedule);
    bool has_firings(const ScheduleId& schedule);
    /// Those to be made by now, the earliest first.
    std::vector<Firing> due_firings(SystemTime now);

    /// When there is something to plan or to fire.
    std::optional<SystemTime> next_due();

    sqlite::Database& database() noexcept { return database_; }

private:
    sqlite::Database& database_;
};

} // namespace nimbus::local::scheduler
