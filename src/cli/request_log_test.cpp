#include "aws/test_server.h"
#include "base/json.h"
#include "cli/request_log.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<aws::logs::LogEvent> events(std::initializer_list<const char*> messages)
{
    std::vector<aws::logs::LogEvent> events;
    for (const auto* message : messages) {
        events.emplace_back();
        events.back().message = message;
    }
    return events;
}

std::vector<std::string> messages_of(const std::vector<aws::logs::LogEvent>& events)
{
    std::vector<std::string> messages;
    for (const auto& event : events)
        messages.push_back(event.message);
    return messages;
}

/// A page of FilterLogEvents: events of one stream, a millisecond apart.
http::Response page(const std::string& stream, std::initializer_list<const char*> messages)
{
    json::array events;
    std::int64_t time = 1'700'000'000'000;
    for (const auto* message : messages)
        events.push_back(json::object{{"eventId", std::to_string(++time)},
                                      {"logStreamName", stream},
                                      {"timestamp", time},
                                      {"ingestionTime", time},
                                      {"message", message}});
    return {.body = compact_json(json::object{{"events", std::move(events)}})};
}

/// CloudWatch Logs that gives these answers, and a client of it.
class Logs {
public:
    explicit Logs(std::deque<http::Response> answers) : server_(std::move(answers))
    {
        aws::ClientOptions options{.region = "us-east-1"};
        options.endpoints.all = server_.origin();
        client_ = std::make_unique<aws::Client>(
            std::make_shared<http::Client>(), aws::fixed_credentials({"AKIDEXAMPLE", "secret", ""}),
            std::move(options));
    }

    std::vector<std::string> find(const std::string& id) const
    {
        return messages_of(find_request(*client_, "/aws/lambda/f", id, {}));
    }
    json::value request(std::size_t i) const
    {
        return parse_json(server_.requests().at(i).body, "the request");
    }

private:
    aws::testing_server::ScriptedServer server_;
    std::unique_ptr<aws::Client> client_;
};

TEST(EventsOfInvocation, AreAllFromItsStartToTheNext)
{
    EXPECT_THAT(messages_of(events_of_invocation(
                    events({"START RequestId: a Version: $LATEST\n", "of a", "END RequestId: a\n",
                            "REPORT RequestId: a\tDuration: 1 ms", "START RequestId: b Version: 1",
                            "of b", "END RequestId: b"}),
                    "a")),
                ElementsAre("START RequestId: a Version: $LATEST\n", "of a", "END RequestId: a\n",
                            "REPORT RequestId: a\tDuration: 1 ms"));
}

TEST(EventsOfInvocation, AreNotThoseOfALongerId)
{
    EXPECT_THAT(events_of_invocation(events({"START RequestId: ab Version: 1", "of ab"}), "a"),
                IsEmpty());
}

TEST(EventsOfInvocation, AreThoseOfEachAttempt)
{
    EXPECT_THAT(messages_of(events_of_invocation(
                    events({"START RequestId: a", "first", "START RequestId: b", "other",
                            "START RequestId: a", "second"}),
                    "a")),
                ElementsAre("START RequestId: a", "first", "START RequestId: a", "second"));
}

TEST(FindRequest, ReadsTheStreamWhereTheInvocationIs)
{
    const Logs logs({page("s", {"START RequestId: a Version: $LATEST", "REPORT RequestId: a"}),
                     page("s", {"START RequestId: a Version: $LATEST", "without the id",
                                "REPORT RequestId: a"})});
    EXPECT_THAT(logs.find("a"), ElementsAre("START RequestId: a Version: $LATEST", "without the id",
                                            "REPORT RequestId: a"));
    EXPECT_EQ(logs.request(0),
              (json::object{{"logGroupName", "/aws/lambda/f"}, {"filterPattern", "\"a\""}}));
    EXPECT_EQ(logs.request(1), (json::object{{"logGroupName", "/aws/lambda/f"},
                                             {"logStreamNames", json::array{"s"}},
                                             {"startTime", 1'700'000'000'001},
                                             {"endTime", 1'700'000'000'003}}));
}

TEST(FindRequest, GivesLinesThatNameAnIdOfSomethingElse)
{
    const Logs logs({page("s", {R"({"requestId":"x","order":"a"})"})});
    EXPECT_THAT(logs.find("a"), ElementsAre(R"({"requestId":"x","order":"a"})"));
}

TEST(FindRequest, HasNothingOfAFunctionThatNeverRan)
{
    const Logs logs({{.status = 400,
                      .body = R"({"__type":"ResourceNotFoundException","message":"no group"})"}});
    EXPECT_THAT(logs.find("a"), IsEmpty());
}

TEST(RequestId, HasNoCharactersThatSearchForSomethingElse)
{
    EXPECT_TRUE(is_request_id("8c7a6e02-9d2f-4a53-a7ff-b2f7d1f2a0c4"));
    EXPECT_TRUE(is_request_id("b1eTFgYfIAMEcKg="));
    for (const auto* id : {"", "a b", "a\"b", "%a%", "{a}"})
        EXPECT_FALSE(is_request_id(id)) << id;
}

} // namespace
} // namespace nimbus::cli
