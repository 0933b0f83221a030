#include "local/services/logs/log_store.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LogLimitsTest : public testing::Test {
protected:
    void append(const std::string& group, const std::vector<std::string>& messages)
    {
        std::vector<LogEvent> events;
        for (const auto& message : messages)
            events.push_back({.group = group,
                              .stream = "s",
                              .timestamp = to_unix_milliseconds(now_),
                              .message = message});
        store_.append(events);
    }

    std::vector<std::string> messages(const std::string& group)
    {
        std::vector<std::string> result;
        for (const auto& event : store_.query({.group = group}))
            result.push_back(event.message);
        return result;
    }

    void trim_all()
    {
        while (store_.trim()) {
        }
    }

    sqlite::Database database_{":memory:"};
    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
    LogStore store_{database_, [this] { return now_; }, {.days = 30, .events = 4, .bytes = 20}};
};

TEST_F(LogLimitsTest, TheOldestGoFirstWhenThereAreTooMany)
{
    append("a", {"1", "2"});
    append("b", {"3", "4", "5", "6"});
    trim_all();
    EXPECT_THAT(messages("a"), IsEmpty());
    EXPECT_THAT(messages("b"), ElementsAre("3", "4", "5", "6"));
    EXPECT_EQ(store_.find_group("a")->stored_bytes, 0);
    EXPECT_FALSE(store_.trim());
}

TEST_F(LogLimitsTest, TheOldestGoFirstWhenTheyAreTooLarge)
{
    append("a", {"0123456789", "0123456789ä"});
    trim_all();
    EXPECT_THAT(messages("a"), IsEmpty()) << "a step takes what is beyond the limit and more";
    append("a", {"0123456789"});
    trim_all();
    EXPECT_THAT(messages("a"), ElementsAre("0123456789"));
    EXPECT_EQ(store_.find_group("a")->stored_bytes, 10);
}

TEST_F(LogLimitsTest, AGroupsRetentionComesBeforeTheDefault)
{
    append("short", {"1"});
    append("long", {"2"});
    auto group = *store_.find_group("short");
    group.retention_days = 1;
    store_.put_group(group);
    group = *store_.find_group("long");
    group.retention_days = 60;
    store_.put_group(group);
    append("default", {"3"});
    now_ += std::chrono::days(2);
    trim_all();
    EXPECT_EQ(database_.query_one("SELECT count(*) FROM logs_events")->integer(0), 2);
    EXPECT_THAT(messages("short"), IsEmpty());
    now_ += std::chrono::days(29);
    trim_all();
    EXPECT_THAT(messages("default"), IsEmpty());
    EXPECT_FALSE(store_.has_stream("default", "s")) << "an old stream that holds nothing";
    EXPECT_THAT(messages("long"), ElementsAre("2"));
}

} // namespace
} // namespace nimbus::local
