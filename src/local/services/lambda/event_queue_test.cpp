#include "base/test_log.h"
#include "local/services/lambda/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace nimbus::local {
namespace {

using namespace std::chrono_literals;
using Kind = InvocationResult::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Has its invocations finished by the test.
class ManualInvoker : public Invoker {
public:
    void invoke(std::shared_ptr<const Function> function, std::string payload, Caller caller,
                Done done) override
    {
        request_ids.push_back(std::move(caller.request_id));
        revisions.push_back(function->revision_id);
        payloads.push_back(std::move(payload));
        running.push_back(std::move(done));
    }
    void retire(const std::string&, const std::string&) override {}

    void finish(Kind kind)
    {
        for (auto& done : std::exchange(running, {}))
            done({.kind = kind});
    }

    std::vector<std::string> request_ids; ///< the callers'
    std::vector<std::string> revisions;
    std::vector<std::string> payloads; ///< of all invocations there were
    std::vector<Done> running;
};

class LambdaEventQueue : public testing::Test {
protected:
    void SetUp() override
    {
        put_function("1");
        queue_.attach(invoker_);
    }

    void put_function(const std::string& revision,
                      std::optional<EventInvokeConfig> config = std::nullopt)
    {
        auto function = std::make_shared<Function>();
        function->name = "fn";
        function->arn = "arn:aws:lambda:us-east-1:123456789012:function:fn";
        function->revision_id = revision;
        function_ = function;
        FunctionRecord record{.function = function, .region = "us-east-1"};
        record.event_invoke_config = config;
        functions_.put(record);
    }

    /// How many invocations were begun after `pause`.
    std::size_t begun_after(std::chrono::milliseconds pause)
    {
        now_ += pause;
        const auto before = invoker_.payloads.size();
        queue_.run_due();
        return invoker_.payloads.size() - before;
    }

    void finish(Kind kind)
    {
        invoker_.finish(kind);
        queue_.run_due();
    }

    SystemTime now_ = from_unix_milliseconds(1'800'000'000'000);
    sqlite::Database database_{":memory:"};
    FunctionRegistry functions_{database_, "us-east-1"};
    std::shared_ptr<const Function> function_;
    TestLog log_;
    EventQueue queue_{database_, functions_, [this] { return now_; }, log_.log()};
    ManualInvoker invoker_;
};

TEST_F(LambdaEventQueue, AnEventIsRunOnceWhenItSucceeds)
{
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    EXPECT_EQ(begun_after(1h), 0U);
    finish(Kind::success);
    EXPECT_EQ(begun_after(1h), 0U);
    EXPECT_EQ(queue_.run_due(), std::nullopt);
    EXPECT_THAT(invoker_.payloads, ElementsAre("1"));
    EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(LambdaEventQueue, AFailureIsRunAgainAfterOneMinuteAndAfterTwoAndThenDropped)
{
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    invoker_.finish(Kind::function_error);
    EXPECT_EQ(queue_.run_due(), now_ + 1min);
    EXPECT_EQ(begun_after(59s), 0U);
    EXPECT_EQ(begun_after(1s), 1U);
    finish(Kind::crashed);
    EXPECT_EQ(begun_after(119s), 0U);
    EXPECT_EQ(begun_after(1s), 1U);
    EXPECT_THAT(log_.lines(), IsEmpty());
    finish(Kind::function_error);
    EXPECT_EQ(begun_after(1h), 0U);
    EXPECT_THAT(log_.lines(),
                ElementsAre(HasSubstr("message=\"An event was dropped\" request_id=a-request "
                                      "function=fn reason=\"the function failed at attempt 3, the "
                                      "last\"")));
}

TEST_F(LambdaEventQueue, AThrottledEventIsTriedAgainWithGrowingPausesForSixHours)
{
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    finish(Kind::throttled);
    EXPECT_EQ(begun_after(999ms), 0U);
    EXPECT_EQ(begun_after(1ms), 1U);
    finish(Kind::unavailable);
    EXPECT_EQ(begun_after(1s), 0U);
    EXPECT_EQ(begun_after(1s), 1U);
    for (int i = 0; i < 20; ++i) {
        finish(Kind::throttled);
        EXPECT_EQ(begun_after(5min), 1U);
    }
    finish(Kind::throttled);
    EXPECT_EQ(begun_after(6h), 0U);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("MaximumEventAgeInSeconds")));
}

TEST_F(LambdaEventQueue, AFunctionMayAskForFewerAttemptsAndLessTime)
{
    put_function("1", EventInvokeConfig{.maximum_retry_attempts = 0, .maximum_event_age = 60s});
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    finish(Kind::function_error);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("failed at attempt 1, the last")));

    queue_.put(*function_, "2", "a-request");
    EXPECT_EQ(begun_after(61s), 0U);
    EXPECT_THAT(log_.last(), HasSubstr("MaximumEventAgeInSeconds"));
}

TEST_F(LambdaEventQueue, ATimeoutIsAFailureAsAnyOther)
{
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    finish(Kind::timed_out);
    EXPECT_EQ(begun_after(59s), 0U);
    EXPECT_EQ(begun_after(1s), 1U);
}

TEST_F(LambdaEventQueue, AllAttemptsHaveTheIdThatTheSenderWasGiven)
{
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(begun_after(0ms), 1U);
    finish(Kind::function_error);
    EXPECT_EQ(begun_after(1min), 1U);
    EXPECT_THAT(invoker_.request_ids, ElementsAre("a-request", "a-request"));
}

TEST_F(LambdaEventQueue, ARetryRunsTheFunctionAsItIsThen)
{
    queue_.put(*function_, "1", "a-request");
    begun_after(0ms);
    finish(Kind::function_error);
    put_function("2");
    begun_after(1min);
    EXPECT_THAT(invoker_.revisions, ElementsAre("1", "2"));
}

TEST_F(LambdaEventQueue, EventsOfADeletedFunctionAreDropped)
{
    queue_.put(*function_, "1", "a-request");
    functions_.erase(*functions_.find_arn(function_->arn));
    EXPECT_EQ(begun_after(0ms), 0U);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("the function was deleted")));
}

TEST_F(LambdaEventQueue, OneFunctionsEventsTakeSixteenInstancesAtTheMost)
{
    for (int i = 0; i < 20; ++i)
        queue_.put(*function_, std::to_string(i), "a-request");
    EXPECT_EQ(begun_after(0ms), 16U);
    EXPECT_EQ(begun_after(0ms), 0U);
    invoker_.finish(Kind::success);
    EXPECT_EQ(begun_after(0ms), 4U);
    EXPECT_EQ(invoker_.payloads.back(), "19");
}

TEST_F(LambdaEventQueue, EventsSurviveARestartAndThoseUnderWayRunAgain)
{
    queue_.put(*function_, "running", "a-request");
    begun_after(0ms);
    queue_.put(*function_, "waiting", "a-request");
    queue_.stop();
    invoker_.finish(Kind::unavailable); // as the instances do when the cloud stops

    EventQueue restarted(database_, functions_, [this] { return now_; }, {});
    ManualInvoker invoker;
    restarted.attach(invoker);
    restarted.run_due();
    EXPECT_THAT(invoker.payloads, ElementsAre("running", "waiting"));
}

TEST_F(LambdaEventQueue, ItsThreadRunsWhatIsPut)
{
    class Promising : public Invoker {
    public:
        void invoke(std::shared_ptr<const Function>, std::string payload, Caller,
                    Done done) override
        {
            done({.kind = Kind::success});
            got.set_value(std::move(payload));
        }
        void retire(const std::string&, const std::string&) override {}
        std::promise<std::string> got;
    } invoker;
    queue_.start(invoker);
    queue_.put(*function_, "1", "a-request");
    EXPECT_EQ(invoker.got.get_future().get(), "1");
    queue_.stop();
}

} // namespace
} // namespace nimbus::local
