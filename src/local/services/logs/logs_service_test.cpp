#include "local/services/logs/log_pattern.h"
#include "local/services/logs/logs_service.h"
#include "local/services/test_calls.h"

namespace nimbus::local {
namespace {

using namespace testing_calls;

class LogsService : public testing::Test {
protected:
    http::Response logs(const std::string& operation, const std::string& body)
    {
        return send_target(service_, operation, body);
    }
    std::vector<std::string> messages(const json::object& answer)
    {
        std::vector<std::string> result;
        for (const auto& event : answer.at("events").as_array())
            result.push_back(string_or_empty(event.as_object(), "message"));
        return result;
    }

    sqlite::Database database_{":memory:"};
    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
    LogStore store_{database_, [this] { return now_; }};
    Service service_ = make_logs_service(store_, [] {});
};

TEST_F(LogsService, LinesOfFunctionsAppearWithTheirGroupAndStream)
{
    LogWriter writer(store_, Log(LogLevel::debug,
                                 [](LogLevel, const std::string& line) { ADD_FAILURE() << line; }));
    writer.put("us-east-1:/aws/lambda/fn", "stream", 1, "one");
    writer.put("us-east-1:/aws/lambda/fn", "stream", 2, "two");
    writer.flush();
    EXPECT_EQ(messages(body_of(logs("FilterLogEvents", R"({"logGroupName":"/aws/lambda/fn"})"))),
              (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(body_of(logs("DescribeLogStreams", R"({"logGroupName":"/aws/lambda/fn"})"))
                  .at("logStreams")
                  .as_array()
                  .size(),
              1U);
}

TEST_F(LogsService, FollowingGetsEachEventOnce)
{
    store_.append({{.group = "us-east-1:g", .stream = "a", .timestamp = 1, .message = "1"},
                   {.group = "us-east-1:g", .stream = "b", .timestamp = 1, .message = "2"},
                   {.group = "us-east-1:g", .stream = "a", .timestamp = 2, .message = "3"}});
    const auto first = body_of(logs("FilterLogEvents", R"({"logGroupName":"g","limit":2})"));
    EXPECT_EQ(messages(first), (std::vector<std::string>{"1", "2"}));
    const auto rest =
        body_of(logs("FilterLogEvents", R"({"logGroupName":"g","limit":2,"nextToken":")" +
                                            string_or_empty(first, "nextToken") + R"("})"));
    EXPECT_EQ(messages(rest), (std::vector<std::string>{"3"}));
    EXPECT_FALSE(rest.contains("nextToken"));
}

TEST_F(LogsService, AStreamIsReadFromEitherEnd)
{
    for (int i = 1; i <= 5; ++i)
        store_.append({{.group = "us-east-1:g",
                        .stream = "s",
                        .timestamp = i,
                        .message = std::to_string(i)}});
    const auto tail =
        body_of(logs("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","limit":2})"));
    EXPECT_EQ(messages(tail), (std::vector<std::string>{"4", "5"}));
    const auto page = [&](const json::object& from, std::string_view token) {
        return body_of(logs("GetLogEvents",
                            R"({"logGroupName":"g","logStreamName":"s","limit":2,"nextToken":")" +
                                string_or_empty(from, token) + R"("})"));
    };
    EXPECT_EQ(messages(page(tail, "nextBackwardToken")), (std::vector<std::string>{"2", "3"}));
    const auto end = page(tail, "nextForwardToken");
    EXPECT_TRUE(messages(end).empty());
    EXPECT_EQ(end.at("nextForwardToken"), tail.at("nextForwardToken"));
}

TEST_F(LogsService, RetentionDeletesWhatIsOlder)
{
    const auto now = to_unix_milliseconds(now_);
    store_.append({{.group = "us-east-1:g",
                    .stream = "s",
                    .timestamp = now - 2 * 86'400'000,
                    .message = "old"},
                   {.group = "us-east-1:g", .stream = "s", .timestamp = now, .message = "new"}});
    EXPECT_EQ(logs("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":1})").status,
              200);
    EXPECT_EQ(messages(body_of(logs("FilterLogEvents", R"({"logGroupName":"g"})"))),
              (std::vector<std::string>{"new"}));
    now_ += std::chrono::hours(25);
    EXPECT_TRUE(messages(body_of(logs("FilterLogEvents", R"({"logGroupName":"g"})"))).empty());
    EXPECT_EQ(error_of(logs("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":2})")),
              "400 InvalidParameterException");
}

TEST_F(LogsService, PermissionsAreAskedForTheGroupHoweverItIsNamed)
{
    const std::vector<std::pair<std::string, std::string>> calls{
        {"TagLogGroup", R"({"logGroupName":"/g"})"},
        {"FilterLogEvents", R"({"logGroupIdentifier":"/g"})"},
        {"TagResource", R"({"resourceArn":"arn:aws:logs:r:1:log-group:/g:*"})"}};
    for (const auto& [operation, input] : calls) {
        Call call;
        call.region = "us-east-1";
        call.account_id = "123456789012";
        call.request = {.method = "POST", .target = "/", .body = input};
        call.request.headers.set("x-amz-target", "Logs_20140328." + operation);
        EXPECT_EQ(service_.match(call).resource(call),
                  "arn:aws:logs:us-east-1:123456789012:log-group:/g:*");
    }
}

TEST_F(LogsService, EventsTooFarAwayAreNamedAndNotKept)
{
    logs("CreateLogGroup", R"({"logGroupName":"g"})");
    logs("CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})");
    const auto now = to_unix_milliseconds(now_);
    const auto event = [](std::int64_t timestamp) {
        return R"({"message":"m","timestamp":)" + std::to_string(timestamp) + "}";
    };
    constexpr std::int64_t day = 86'400'000;
    const auto put =
        body_of(logs("PutLogEvents", R"({"logGroupName":"g","logStreamName":"s","logEvents":[)" +
                                         event(now - 15 * day) + "," + event(now) + "," +
                                         event(now + day) + "]}"));
    EXPECT_EQ(put.at("rejectedLogEventsInfo"),
              (json::object{{"tooNewLogEventStartIndex", 2}, {"tooOldLogEventEndIndex", 1}}));
    const auto kept = body_of(logs("FilterLogEvents", R"({"logGroupName":"g"})"));
    EXPECT_EQ(kept.at("events").as_array().size(), 1U);
    logs("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":1})");
    const auto expired =
        body_of(logs("PutLogEvents", R"({"logGroupName":"g","logStreamName":"s","logEvents":[)" +
                                         event(now - 2 * day) + "]}"));
    EXPECT_EQ(expired.at("rejectedLogEventsInfo"), (json::object{{"expiredLogEventEndIndex", 1}}));
}

TEST_F(LogsService, GroupsAreFoundByAPartOfTheirName)
{
    for (const auto* name : {"/a/Foo", "FooBar", "/a/foo"})
        logs("CreateLogGroup", R"({"logGroupName":")" + std::string(name) + R"("})");
    const auto found = body_of(logs("DescribeLogGroups", R"({"logGroupNamePattern":"Foo"})"));
    EXPECT_EQ(found.at("logGroups").as_array().size(), 2U);
    EXPECT_EQ(error_of(logs("DescribeLogGroups",
                            R"({"logGroupNamePattern":"Foo","logGroupNamePrefix":"/a"})")),
              "400 InvalidParameterException");
    EXPECT_EQ(error_of(logs("CreateLogGroup",
                            R"({"logGroupName":"h","logGroupClass":"INFREQUENT_ACCESS"})")),
              "400 InvalidParameterException");
}

TEST_F(LogsService, ErrorsCarryTheirType)
{
    const auto gone = logs("DeleteLogGroup", R"({"logGroupName":"g"})");
    EXPECT_EQ(body_of(gone).at("__type"), "ResourceNotFoundException");
    logs("CreateLogGroup", R"({"logGroupName":"g"})");
    EXPECT_EQ(error_of(logs("CreateLogGroup", R"({"logGroupName":"g"})")),
              "400 ResourceAlreadyExistsException");
    EXPECT_EQ(error_of(logs("CreateLogGroup", R"({"logGroupName":"a b"})")),
              "400 InvalidParameterException");
    EXPECT_EQ(error_of(logs("StartQuery", "{}")), "400 UnknownOperationException");
    EXPECT_EQ(error_of(logs("CreateLogGroup", "{")), "400 SerializationException");
}

TEST(LogPattern, TermsPhrasesAlternativesAndExclusions)
{
    EXPECT_TRUE(LogPattern("").matches("anything"));
    EXPECT_TRUE(LogPattern("ERROR user").matches("a user ERROR"));
    EXPECT_FALSE(LogPattern("ERROR user").matches("an ERROR"));
    EXPECT_FALSE(LogPattern("error").matches("ERROR"));
    EXPECT_TRUE(LogPattern("\"two words\"").matches("has two words in it"));
    EXPECT_FALSE(LogPattern("\"two words\"").matches("words two"));
    EXPECT_TRUE(LogPattern("?a ?b").matches("b"));
    EXPECT_FALSE(LogPattern("ERROR -timeout").matches("ERROR timeout"));
    EXPECT_THROW(LogPattern("{ $.a = 1 }"), ServiceError);
    EXPECT_THROW(LogPattern("\"open"), ServiceError);
}

TEST_F(LogsService, GroupsBelongToTheirRegions)
{
    const auto in = [&](const std::string& region, const std::string& operation,
                        const std::string& body) {
        Call call{.request_id = "1",
                  .account_id = "123456789012",
                  .region = region,
                  .caller = administrator,
                  .request = {.method = "POST",
                              .target = "/",
                              .headers = {{"x-amz-target", "Logs_20140328." + operation}},
                              .body = body}};
        http::Response answer;
        service_.handle(std::move(call), [&](http::Response response) { answer = response; });
        return answer;
    };
    EXPECT_EQ(in("us-east-1", "CreateLogGroup", R"({"logGroupName":"g"})").status, 200);
    EXPECT_EQ(body_of(in("eu-west-1", "DescribeLogGroups", "{}")).at("logGroups").as_array().size(),
              0U);
    EXPECT_EQ(error_of(in("eu-west-1", "DeleteLogGroup", R"({"logGroupName":"g"})")),
              "400 ResourceNotFoundException");
    EXPECT_EQ(in("eu-west-1", "CreateLogGroup", R"({"logGroupName":"g"})").status, 200);
    EXPECT_EQ(in("eu-west-1", "CreateLogGroup", R"({"logGroupName":"h"})").status, 200);
    const auto first = body_of(in("eu-west-1", "DescribeLogGroups", R"({"limit":1})"));
    const auto& group = first.at("logGroups").as_array().at(0).as_object();
    EXPECT_EQ(string_or_empty(group, "logGroupName"), "g");
    EXPECT_EQ(string_or_empty(group, "logGroupArn"),
              "arn:aws:logs:eu-west-1:123456789012:log-group:g");
    const auto rest =
        body_of(in("eu-west-1", "DescribeLogGroups",
                   R"({"nextToken":")" + string_or_empty(first, "nextToken") + "\"}"));
    EXPECT_EQ(rest.at("logGroups").as_array().size(), 1U);
    EXPECT_EQ(body_of(in("us-east-1", "DescribeLogGroups", R"({"logGroupNamePattern":"east"})"))
                  .at("logGroups")
                  .as_array()
                  .size(),
              0U);
}

TEST_F(LogsService, GroupsOfEarlierVersionsGetARegion)
{
    store_.append({{.group = "old", .stream = "s", .timestamp = 1, .message = "kept"}});
    store_.append({{.group = "us-east-1:new", .stream = "s", .timestamp = 1, .message = "new"}});
    const auto give = [&] {
        store_.give_regions([](const std::string& name) {
            EXPECT_EQ(name, "old");
            return "us-east-1";
        });
    };
    give();
    give();
    EXPECT_EQ(messages(body_of(logs("FilterLogEvents", R"({"logGroupName":"old"})"))),
              (std::vector<std::string>{"kept"}));
    EXPECT_EQ(messages(body_of(logs("FilterLogEvents", R"({"logGroupName":"new"})"))),
              (std::vector<std::string>{"new"}));
}

} // namespace
} // namespace nimbus::local
