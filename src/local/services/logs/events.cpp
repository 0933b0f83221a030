#include "base/number.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/logs/log_pattern.h"
#include "local/services/logs/logs_service.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace logs_api;

constexpr std::string_view invalid = "InvalidParameterException";
constexpr std::size_t most_answer_bytes = 1'048'576;
/// CloudWatch counts this much for each event beside its message.
constexpr std::size_t event_overhead = 26;

http::Response nothing()
{
    return {.headers = {{"content-type", "application/x-amz-json-1.1"}}};
}

std::string stream_name(const Call& call)
{
    auto name = Input(call.input, invalid).required_text("logStreamName");
    if (name.empty() || name.size() > 512 || name.find_first_of(":*") != std::string::npos)
        throw_invalid("1 validation error detected: Value '" + name +
                      "' at 'logStreamName' failed to satisfy constraint: Member must satisfy "
                      "regular expression pattern: [^:*]*");
    return name;
}

std::string need_stream(LogStore& store, const Call& call, const std::string& group)
{
    auto name = stream_name(call);
    if (!store.has_stream(group, name))
        throw ServiceError(400, "ResourceNotFoundException",
                           "The specified log stream does not exist.");
    return name;
}

http::Response create_stream(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    if (!store.create_stream(group.key, stream_name(call)))
        throw ServiceError(400, "ResourceAlreadyExistsException",
                           "The specified log stream already exists");
    return nothing();
}

http::Response delete_stream(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    store.delete_stream(group.key, need_stream(store, call, group.key));
    return nothing();
}

http::Response describe_streams(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    const Input input(call.input, invalid);
    const auto prefix = input.text("logStreamNamePrefix").value_or("");
    const auto order = input.text("orderBy").value_or("LogStreamName");
    if (order != "LogStreamName" && order != "LastEventTime")
        throw_invalid("orderBy is LogStreamName or LastEventTime");
    if (order == "LastEventTime" && !prefix.empty())
        throw_invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    auto streams = store.streams(group.key, prefix);
    if (order == "LastEventTime")
        std::ranges::stable_sort(
            streams, {}, [](const LogStream& stream) { return stream.last_event.value_or(0); });
    if (input.boolean("descending").value_or(false))
        std::ranges::reverse(streams);

    const auto limit = static_cast<std::size_t>(input.integer("limit", 1, 50).value_or(50));
    auto first = streams.begin();
    if (const auto token = input.text("nextToken")) {
        first = std::ranges::find(streams, *token, &LogStream::name);
        if (first != streams.end())
            ++first;
    }
    json::array list;
    json::object body;
    for (; first != streams.end(); ++first) {
        if (list.size() == limit) {
            body["nextToken"] = std::prev(first)->name;
            break;
        }
        json::object item{{"logStreamName", first->name},
                          {"creationTime", first->created},
                          {"arn", group_arn(call, group.name) + ":log-stream:" + first->name},
                          {"storedBytes", 0}};
        if (first->first_event) {
            item["firstEventTimestamp"] = *first->first_event;
            item["lastEventTimestamp"] = *first->last_event;
            item["lastIngestionTime"] = *first->last_event;
        }
        list.emplace_back(std::move(item));
    }
    body["logStreams"] = std::move(list);
    return json_1_1_answer(body);
}

/// Events that are not kept: over two hours in the future, over 14 days old, or older than the
/// group's retention. Source: CloudWatch Logs API Reference, PutLogEvents, RejectedLogEventsInfo.
class TooFarAway {
public:
    TooFarAway(const LogGroup& group, std::int64_t now) : group_(group), now_(now) {}

    /// The event of this index and timestamp, in the order in which they come.
    bool takes(std::int64_t index, std::int64_t timestamp)
    {
        constexpr std::int64_t hour = 3'600'000;
        constexpr std::int64_t day = 24 * hour;
        if (timestamp > now_ + 2 * hour) {
            if (first_new_ == none)
                first_new_ = index;
            return true;
        }
        if (group_.retention_days && timestamp < now_ - *group_.retention_days * day) {
            end_of_expired_ = index + 1;
            return true;
        }
        if (timestamp < now_ - 14 * day) {
            end_of_old_ = index + 1;
            return true;
        }
        return false;
    }

    void add_to(json::object& answer) const
    {
        json::object info;
        if (first_new_ != none)
            info["tooNewLogEventStartIndex"] = first_new_;
        if (end_of_old_ != none)
            info["tooOldLogEventEndIndex"] = end_of_old_;
        if (end_of_expired_ != none)
            info["expiredLogEventEndIndex"] = end_of_expired_;
        if (!info.empty())
            answer["rejectedLogEventsInfo"] = std::move(info);
    }

private:
    static constexpr std::int64_t none = -1;

    const LogGroup& group_;
    std::int64_t now_;
    std::int64_t first_new_ = none;
    std::int64_t end_of_old_ = none;
    std::int64_t end_of_expired_ = none;
};

http::Response put_events(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    const auto stream = need_stream(store, call, group.key);
    const auto* list = Input(call.input, invalid).array("logEvents");
    if (list == nullptr || list->empty() || list->size() > 10'000)
        throw_invalid("A request has 1 to 10,000 log events.");
    const auto now = to_unix_milliseconds(store.now());
    std::vector<LogEvent> events;
    std::int64_t last = 0; ///< the timestamp of the event before
    std::int64_t index = 0;
    std::size_t bytes = 0;
    TooFarAway rejected(group, now);
    for (const auto& item : *list) {
        if (!item.is_object())
            throw_invalid("A log event is an object.");
        const Input input(item.get_object(), invalid);
        const auto timestamp = input.integer("timestamp", 0, INT64_MAX);
        auto message = input.required_text("message");
        if (!timestamp || message.empty())
            throw_invalid("A log event needs a timestamp and a message that is not empty.");
        if (*timestamp < last)
            throw_invalid("Log events in a single PutLogEvents request must be in chronological "
                          "order.");
        bytes += message.size() + event_overhead;
        last = *timestamp;
        if (rejected.takes(index++, *timestamp))
            continue;
        events.push_back({.group = group.key,
                          .stream = stream,
                          .timestamp = *timestamp,
                          .ingested = now,
                          .message = std::move(message)});
    }
    if (bytes > most_answer_bytes)
        throw_invalid("Upload too large: " + std::to_string(bytes) +
                      " bytes exceeds limit of 1048576");
    if (!events.empty())
        store.append(events);
    json::object answer{{"nextSequenceToken", std::to_string(now)}};
    rejected.add_to(answer);
    return json_1_1_answer(answer);
}

std::string token_text(char direction, std::int64_t timestamp, std::int64_t id)
{
    return std::string(1, direction) + "/" + std::to_string(timestamp) + "/" + std::to_string(id);
}

std::optional<LogCursor> parse_cursor(std::string_view text, char direction)
{
    const auto parts = split(text, '/');
    if (parts.size() != 3 || parts[0] != std::string(1, direction))
        return std::nullopt;
    const auto timestamp = parse_number<std::int64_t>(parts[1]);
    const auto id = parse_number<std::int64_t>(parts[2]);
    if (!timestamp || !id)
        return std::nullopt;
    return LogCursor{.timestamp = *timestamp, .id = *id};
}

/// Events of one stream, in both directions. A client at an end gets its own token back.
http::Response get_events(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    const Input input(call.input, invalid);
    LogQuery query{.group = group.key, .streams = {need_stream(store, call, group.key)}};
    query.from = input.integer("startTime", 0, INT64_MAX).value_or(0);
    query.until = input.integer("endTime", 0, INT64_MAX).value_or(INT64_MAX);
    query.limit = static_cast<std::size_t>(input.integer("limit", 1, 10'000).value_or(10'000));
    query.newest_first = !input.boolean("startFromHead").value_or(false);
    const auto token = input.text("nextToken");
    if (token) {
        query.after = parse_cursor(*token, 'f');
        query.before = parse_cursor(*token, 'b');
        if (!query.after && !query.before)
            throw_invalid("The specified nextToken is invalid.");
        query.newest_first = query.before.has_value();
    }
    auto events = store.query(query);
    if (query.newest_first)
        std::ranges::reverse(events);

    std::size_t bytes = 0;
    json::array list;
    for (const auto& event : events) {
        bytes += event.message.size() + event_overhead;
        if (bytes > most_answer_bytes && !list.empty() && !query.newest_first) {
            events.resize(list.size());
            break;
        }
        list.emplace_back(json::object{{"timestamp", event.timestamp},
                                       {"message", event.message},
                                       {"ingestionTime", event.ingested}});
    }
    json::object body{{"events", std::move(list)}};
    if (events.empty()) {
        const auto at =
            query.after ? *query.after : query.before.value_or(LogCursor{query.from, 0});
        body["nextForwardToken"] = token_text('f', at.timestamp, at.id);
        body["nextBackwardToken"] = token_text('b', at.timestamp, at.id);
    } else {
        body["nextForwardToken"] = token_text('f', events.back().timestamp, events.back().id);
        body["nextBackwardToken"] = token_text('b', events.front().timestamp, events.front().id);
    }
    return json_1_1_answer(body);
}

std::string event_id(std::int64_t id)
{
    const auto digits = std::to_string(id);
    return std::string(56 - digits.size(), '0') + digits;
}

LogQuery filter_query(const Input& input, const std::string& group)
{
    LogQuery query{.group = group};
    query.from = input.integer("startTime", 0, INT64_MAX).value_or(0);
    if (const auto end = input.integer("endTime", 0, INT64_MAX - 1))
        query.until = *end + 1;
    query.stream_prefix = input.text("logStreamNamePrefix").value_or("");
    if (const auto* names = input.array("logStreamNames")) {
        if (!query.stream_prefix.empty())
            throw_invalid("logStreamNamePrefix and logStreamNames cannot both be specified.");
        if (names->size() > 100)
            throw_invalid("At most 100 logStreamNames.");
        for (const auto& name : *names)
            if (name.is_string())
                query.streams.emplace_back(name.get_string());
    }
    if (const auto token = input.text("nextToken")) {
        query.after = parse_cursor(*token, 'n');
        if (!query.after)
            throw_invalid("The specified nextToken is invalid.");
    }
    return query;
}

http::Response filter_events(LogStore& store, Call& call)
{
    const auto group = need_group(store, call);
    const Input input(call.input, invalid);
    const LogPattern pattern(input.text("filterPattern").value_or(""));
    const auto limit = static_cast<std::size_t>(input.integer("limit", 1, 10'000).value_or(10'000));
    auto query = filter_query(input, group.key);
    query.limit = 10'000;

    json::array list;
    std::size_t bytes = 0;
    auto more = true;
    // An answer may hold few events, or none, and still have a token: what one answer searches is
    // bounded too.
    for (int searched = 0; searched < 5 && more && list.size() < limit; ++searched) {
        const auto events = store.query(query);
        more = events.size() == query.limit;
        for (const auto& event : events) {
            if (pattern.matches(event.message)) {
                bytes += event.message.size() + event_overhead;
                if (list.size() == limit || (bytes > most_answer_bytes && !list.empty())) {
                    more = true;
                    searched = 5;
                    break;
                }
                list.emplace_back(json::object{{"logStreamName", event.stream},
                                               {"timestamp", event.timestamp},
                                               {"message", event.message},
                                               {"ingestionTime", event.ingested},
                                               {"eventId", event_id(event.id)}});
            }
            query.after = LogCursor{event.timestamp, event.id};
        }
    }
    json::object body{{"events", std::move(list)}, {"searchedLogStreams", json::array{}}};
    if (more && query.after)
        body["nextToken"] = token_text('n', query.after->timestamp, query.after->id);
    return json_1_1_answer(body);
}

} // namespace

std::vector<Operation> logs_event_operations(LogStore& store)
{
    return {
        entry(store, "CreateLogStream", "logs:CreateLogStream", create_stream),
        entry(store, "DeleteLogStream", "logs:DeleteLogStream", delete_stream),
        entry(store, "DescribeLogStreams", "logs:DescribeLogStreams", describe_streams),
        entry(store, "PutLogEvents", "logs:PutLogEvents", put_events),
        entry(store, "GetLogEvents", "logs:GetLogEvents", get_events),
        entry(store, "FilterLogEvents", "logs:FilterLogEvents", filter_events),
    };
}

} // namespace nimbus::local
