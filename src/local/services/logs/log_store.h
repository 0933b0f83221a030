#pragma once

#include "base/time.h"
#include "sqlite/database.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

struct LogEvent {
    std::int64_t id = 0; ///< in the order of arrival
    std::string group;   ///< its key
    std::string stream;
    std::int64_t timestamp = 0; ///< milliseconds since the epoch
    std::int64_t ingested = 0;
    std::string message;
};

struct LogGroup {
    std::string key; ///< with its Region, by which the store's functions know it
    std::string name;
    std::int64_t created = 0;
    std::optional<std::int64_t> retention_days;
    std::map<std::string, std::string> tags;
    std::int64_t stored_bytes = 0;
};

struct LogStream {
    std::string name;
    std::int64_t created = 0;
    std::optional<std::int64_t> first_event;
    std::optional<std::int64_t> last_event;
};

/// A place in a sequence of events ordered by time and arrival.
struct LogCursor {
    std::int64_t timestamp = 0;
    std::int64_t id = 0;
};

struct LogQuery {
    std::string group;                ///< its key
    std::vector<std::string> streams; ///< empty: all
    std::string stream_prefix;
    std::int64_t from = 0;           ///< inclusive
    std::int64_t until = INT64_MAX;  ///< exclusive
    std::optional<LogCursor> after;  ///< only events after it
    std::optional<LogCursor> before; ///< only events before it
    bool newest_first = false;
    std::size_t limit = 10'000;
};

/// What is kept at most: of groups without a retention, and of all groups together.
struct LogLimits {
    std::int64_t days = 30;
    std::int64_t events = 500'000;
    std::int64_t bytes = 128 * 1024 * 1024; ///< of messages
};

/// Log groups, streams and events of all Regions. Groups are told apart by their keys
/// (log_group_key). Thread-safe.
class LogStore {
public:
    LogStore(sqlite::Database& database, Clock clock, const LogLimits& limits = {});

    /// False when it is there already.
    bool create_group(const std::string& key, const std::map<std::string, std::string>& tags);
    std::optional<LogGroup> find_group(const std::string& key);
    /// Those whose keys begin with `prefix` and come after `after`, and that have `part` somewhere
    /// in their names.
    std::vector<LogGroup> groups(const std::string& prefix, const std::string& part,
                                 const std::string& after, std::size_t limit);
    void put_group(const LogGroup& group);
    bool delete_group(const std::string& key);
    /// Earlier versions of the store told no Regions apart: groups of theirs get the one that
    /// `region_of` says.
    void give_regions(const std::function<std::string(const std::string& name)>& region_of);

    bool create_stream(const std::string& group, const std::string& name);
    bool has_stream(const std::string& group, const std::string& name);
    std::vector<LogStream> streams(const std::string& group, const std::string& prefix);
    bool delete_stream(const std::string& group, const std::string& name);

    /// Adds events in one transaction, with the groups and streams that they need.
    void append(const std::vector<LogEvent>& events);
    /// Without what is older than its group's retention.
    std::vector<LogEvent> query(const LogQuery& query);
    /// Deletes some of what is older than its group's retention or beyond the limits, the oldest
    /// first; false when nothing of it is left. See HousekeepingStep.
    bool trim();

    SystemTime now() const { return clock_(); }

private:
    /// Makes group and stream when there are none.
    std::int64_t stream_id(const std::string& group, const std::string& name);
    bool trim_expired();
    bool trim_surplus();
    /// Those that were made long ago and hold nothing.
    bool trim_streams();
    /// A time in milliseconds; what is older has expired.
    std::int64_t oldest_kept(std::int64_t retention_days) const;
    void count_bytes(const std::string& group);

    sqlite::Database& database_;
    Clock clock_;
    LogLimits limits_;
};

} // namespace nimbus::local
