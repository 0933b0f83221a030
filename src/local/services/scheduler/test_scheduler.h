#pragma once

#include "base/test_log.h"
#include "local/iam/identity_access.h"
#include "local/services/lambda/event_invoker.h"
#include "local/services/scheduler/engine.h"
#include "local/services/service.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// What Scheduler's tests share: a cloud with a role, a clock that the test sets, and a Lambda that
/// writes down what it is asked for.
namespace nimbus::local::scheduler {

inline const std::string function_arn = "arn:aws:lambda:us-east-1:123456789012:function:fn";
inline const std::string role_arn = "arn:aws:iam::123456789012:role/timers";

class RecordingInvoker : public EventInvoker {
public:
    struct Invocation {
        std::string caller;
        std::string payload;
    };

    void invoke_event(const Principal& caller, const std::string& arn, std::string payload) override
    {
        EXPECT_EQ(arn, function_arn);
        ++attempts;
        if (!refusal.empty())
            throw ServiceError(429, "TooManyRequestsException", refusal);
        invocations.push_back({caller.arn, std::move(payload)});
    }

    std::string refusal; ///< when it is not empty, each invocation is refused with it
    int attempts = 0;
    std::vector<Invocation> invocations;
};

class SchedulerTest : public testing::Test {
protected:
    void SetUp() override { put_role("scheduler.amazonaws.com"); }

    void put_role(const std::string& trusted, const std::string& condition = "{}")
    {
        auto role = identities_.make(iam::Identity::Kind::role, "timers", "/");
        role.trust_policy =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
            R"("Condition":)" +
            condition + R"(,"Principal":{"Service":")" + trusted + R"("}}]})";
        identities_.put(role);
    }

    void set_clock(std::string_view time) { now_ = parse_iso8601(time).value(); }

    EngineOptions engine_options()
    {
        return {.account_id = "123456789012",
                .clock = [this] { return now_; },
                .log = log_.log(),
                .choose_in_window = [this](std::chrono::milliseconds) { return in_window_; }};
    }

    /// The scheduled times of the invocations made since the last call, without date and seconds.
    /// The schedules have the input "<aws.scheduler.scheduled-time>".
    std::vector<std::string> fired()
    {
        engine_.run_due();
        std::vector<std::string> times;
        for (const auto& invocation : std::exchange(invoker_.invocations, {}))
            times.push_back(invocation.payload.substr(12, 5));
        return times;
    }

    SystemTime now_ = *parse_iso8601("2027-01-31T12:00:00Z");
    std::chrono::milliseconds in_window_{0};
    sqlite::Database database_{":memory:"};
    iam::IdentityStore identities_{database_, "123456789012", [this] { return now_; }};
    iam::IdentityAccess access_{identities_, {"AKIAROOT", "secret"}};
    TestLog log_;
    RecordingInvoker invoker_;
    ScheduleStore store_{database_};
    Engine engine_{store_, access_, invoker_, engine_options()};
};

} // namespace nimbus::local::scheduler
