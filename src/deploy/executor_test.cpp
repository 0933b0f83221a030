#include "base/error.h"
#include "deploy/executor.h"

#include <gmock/gmock.h>

#include <mutex>
#include <set>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;

class SilentStatus : public Status {
public:
    void phase(const std::string&) override {}
    void plan(int count) override { steps = count; }
    void started(const std::string& verb, const std::string& resource) override
    {
        events.push_back("started " + verb + " " + resource);
    }
    void finished(const std::string&, const std::string& resource, double) override
    {
        events.push_back("finished " + resource);
    }
    void failed(const std::string&, const std::string& resource) override
    {
        events.push_back("failed " + resource);
    }
    void note(const std::string&) override {}

    int steps = 0;
    std::vector<std::string> events;
};

class FakeRunner : public StepRunner {
public:
    Action run(const Step& step) override
    {
        const std::lock_guard lock(mutex_);
        ran.push_back(step.node.name);
        if (failing.contains(step.node.name))
            throw Error("AWS said no", "Ask again.");
        if (interrupted.contains(step.node.name))
            throw Interrupted("Interrupted while waiting for " + step.node.name);
        return strange.contains(step.node.name) ? Action::keep : step.action;
    }

    std::set<std::string> failing, interrupted, strange;
    std::vector<std::string> ran;

private:
    std::mutex mutex_;
};

Step step(const std::string& name, Action action = Action::create)
{
    return {.action = action, .node = {.type = "function", .name = name}};
}

const auto never = [] { return false; };

TEST(Executor, RunsTheStepsInOrderAndCounts)
{
    Plan plan{.steps = {step("a"), step("b", Action::update), step("c", Action::keep),
                        step("d", Action::remove)},
              .after = {{}, {0}, {}, {1}}};
    plan.steps[3].takes_along = {"permission p"};
    FakeRunner runner;
    SilentStatus status;
    const auto execution = execute(plan, runner, status, 1, never);
    EXPECT_THAT(runner.ran, ElementsAre("a", "b", "d"));
    EXPECT_TRUE(execution.is_complete);
    EXPECT_EQ(execution.changes.created, 1);
    EXPECT_EQ(execution.changes.updated, 1);
    EXPECT_EQ(execution.changes.deleted, 2);
    EXPECT_EQ(execution.changes.unchanged, 1);
    EXPECT_EQ(status.steps, 3);
    EXPECT_EQ(status.events.front(), "started create function a");
}

TEST(Executor, DoesNotCountWhatWasLeftAloneAsDeleted)
{
    const Plan plan{.steps = {step("a", Action::remove), step("b", Action::remove)},
                    .after = {{}, {0}}};
    FakeRunner runner;
    runner.strange = {"a"};
    SilentStatus status;
    const auto execution = execute(plan, runner, status, 1, never);
    EXPECT_EQ(execution.changes.deleted, 1);
    EXPECT_EQ(execution.changes.unchanged, 1);
}

TEST(Executor, ReportsAFailureAndStartsNothingNew)
{
    const Plan plan{.steps = {step("a"), step("b"), step("c")}, .after = {{}, {0}, {1}}};
    FakeRunner runner;
    runner.failing = {"b"};
    SilentStatus status;
    const auto execution = execute(plan, runner, status, 4, never);
    EXPECT_THAT(runner.ran, ElementsAre("a", "b"));
    EXPECT_FALSE(execution.is_complete);
    ASSERT_EQ(execution.failures.size(), 1u);
    const auto& failure = execution.failures.front();
    EXPECT_EQ(failure.resource, "function b");
    EXPECT_EQ(failure.verb, "create");
    EXPECT_EQ(failure.message, "AWS said no");
    EXPECT_EQ(failure.hint, "Ask again.");
    EXPECT_EQ(status.events.back(), "failed function b");
}

TEST(Executor, StopsWhenItIsTold)
{
    const Plan plan{.steps = {step("a"), step("b")}, .after = {{}, {0}}};
    FakeRunner runner;
    SilentStatus status;
    const auto execution = execute(plan, runner, status, 1, [&] { return !runner.ran.empty(); });
    EXPECT_THAT(runner.ran, ElementsAre("a"));
    EXPECT_FALSE(execution.is_complete);
    EXPECT_TRUE(execution.failures.empty());
}

TEST(DeployFailed, NamesEachResourceOnce)
{
    const DeployFailed error(
        {{"create", "function a", "no", "Hint."}, {"delete", "role b", "never", "Hint."}});
    EXPECT_STREQ(error.what(), "Cannot create function a: no\nCannot delete role b: never");
    EXPECT_EQ(error.hint(), "Hint.");
}

TEST(DeployFailed, SaysWhatIsEqualOnce)
{
    std::vector<FailedStep> steps;
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
        steps.push_back({"create", std::string("function ") + name, "iam:PassRole is denied", ""});
    steps.insert(steps.begin() + 1, {"create", "role r", "no", ""});
    EXPECT_STREQ(DeployFailed(steps).what(),
                 "Cannot create function a, function b, function c, function d, function e and 2 "
                 "more: iam:PassRole is denied\nCannot create role r: no");
}

TEST(Executor, AStepThatIsInterruptedIsNoFailure)
{
    const Plan plan{.steps = {step("a"), step("b")}, .after = {{}, {0}}};
    FakeRunner runner;
    runner.interrupted = {"a"};
    SilentStatus status;
    const auto execution = execute(plan, runner, status, 1, never);
    EXPECT_TRUE(execution.failures.empty());
    EXPECT_FALSE(execution.is_complete);
    EXPECT_THAT(status.events, ElementsAre("started create function a", "failed function a"));
}

} // namespace
} // namespace nimbus::deploy
