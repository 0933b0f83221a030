#include "aws/ops/iam/role_policies.h"
#include "aws/ops/scheduler/schedule_groups.h"
#include "aws/ops/scheduler/schedules.h"
#include "aws/ops/scheduler/tags.h"
#include "base/file.h"
#include "base/json.h"
#include "deploy/graph.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/timer/declaration.h"
#include "deploy/kinds/timer/event.h"
#include "deploy/kinds/timer/output.h"
#include "deploy/test_cloud.h"
#include "deploy/test_kill.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy::timer {
namespace {

namespace scheduler = aws::scheduler;

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::StartsWith;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

/// A function `cleanup` that a timer of the same name calls.
manifest::Manifest with_timer(const Timer& timer)
{
    auto manifest = Person::application({"GET /ping"});
    manifest.functions.push_back(manifest.functions.front());
    manifest.functions.back().name = "cleanup";
    manifest.declared.of<Timer>().push_back(timer);
    return manifest;
}

Timer daily()
{
    return {.name = "cleanup",
            .schedule = "cron(0 2 * * ? *)",
            .timezone = "Europe/Berlin",
            .description = "Removes what is old",
            .flexible_window = {},
            .function = "cleanup"};
}

std::optional<scheduler::GetSchedule::Response> schedule_of(const Person& person)
{
    return person.client().find(
        scheduler::GetSchedule{.name = "cleanup", .group_name = "testbed-dev"});
}

const PlannedStep& step_of(const PlanSummary& plan, const std::string& resource)
{
    const auto found = std::ranges::find(plan.steps, resource, &PlannedStep::resource);
    if (found == plan.steps.end())
        throw Error("the plan has no " + resource);
    return *found;
}

/// It may fire as soon as it is there.
TEST(TimerGraph, WaitsForAllThatItsFunctionWorksWith)
{
    const CloudProcess cloud;
    const Person person(cloud);
    const auto cases = parse_json(read_file(NIMBUS_MANIFEST_CASES), "cases").as_object();
    auto manifest =
        manifest::parse_manifest(json::serialize(cases.at("base")), "test", all_kinds().sections());
    auto timer = daily();
    timer.function = manifest.functions.front().name;
    manifest.declared.of<Timer>().push_back(timer);
    const auto nodes = desired_graph({manifest, person.artifacts(), person.target(), all_kinds()});
    const auto called = std::ranges::find(nodes, "function " + timer.function, &Node::key);
    const auto schedule = std::ranges::find(nodes, "schedule cleanup", &Node::key);
    ASSERT_TRUE(called != nodes.end() && schedule != nodes.end());
    EXPECT_GT(called->works_with.size(), 1U) << "its log, and what its role is granted";
    EXPECT_THAT(schedule->depends_on, IsSupersetOf(called->works_with));
}

TEST(TimerDeploy, ShowsSchedulesThatSomebodyAddedAndPrunesThemWhenToldTo)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    const auto schedule = schedule_of(person).value();
    person.client().call(scheduler::CreateSchedule{
        .name = "another", .group_name = "testbed-dev", .settings = schedule.settings});
    const std::vector<PlannedExtra> shown{
        {.resource = "schedule-group timers", .what = "the schedule another"}};
    EXPECT_EQ(person.plan(with_timer(daily())).extras, shown);
    EXPECT_EQ(deployment_status(all_kinds(), person.target(), person.id).value().extras, shown);

    person.options.prune = true;
    EXPECT_EQ(person.deploy(with_timer(daily())).changes.deleted, 1);
    EXPECT_THAT(person.plan(with_timer(daily())).extras, IsEmpty());
    EXPECT_TRUE(schedule_of(person));
}

TEST(TimerDeploy, KeepsTheGroupWithSomebodysScheduleUntilAPersonPrunes)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    person.client().call(scheduler::CreateSchedule{.name = "stranger",
                                                   .group_name = "testbed-dev",
                                                   .settings = schedule_of(person)->settings});
    auto without = with_timer(daily());
    without.declared.of<Timer>().clear();
    EXPECT_THAT(step_of(person.plan(without), "schedule-group timers").reasons,
                ElementsAre("no longer declared; kept, because somebody added the schedule "
                            "stranger"));
    person.deploy(without);
    const auto names = [&] {
        std::vector<std::string> all;
        for (const auto& schedule :
             person.client().call(scheduler::ListSchedules{.group_name = "testbed-dev"}).schedules)
            all.push_back(schedule.name);
        return all;
    };
    EXPECT_THAT(names(), ElementsAre("stranger")) << "its own is gone";
    EXPECT_TRUE(person.plan(without).changes_nothing());

    person.options.prune = true;
    person.deploy(without);
    EXPECT_THAT(person.plan(without).extras, IsEmpty());
    EXPECT_FALSE(person.client().find(scheduler::GetScheduleGroup{.name = "testbed-dev"}));
}

TEST(TimerDeploy, MakesAScheduleInTheApplicationsGroup)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto result = person.deploy(with_timer(daily()));
    const auto schedule = schedule_of(person);
    ASSERT_TRUE(schedule);
    const auto& settings = schedule->settings;
    EXPECT_EQ(settings.schedule_expression, "cron(0 2 * * ? *)");
    EXPECT_EQ(settings.schedule_expression_timezone, "Europe/Berlin");
    EXPECT_EQ(settings.description, "Removes what is old");
    EXPECT_TRUE(settings.enabled);
    EXPECT_THAT(settings.target.arn, HasSubstr(":function:testbed-dev-cleanup"));
    EXPECT_THAT(settings.target.input, HasSubstr("<aws.scheduler.scheduled-time>"));
    const auto group = person.client().call(scheduler::GetScheduleGroup{.name = "testbed-dev"});
    EXPECT_EQ(person.client().call(scheduler::ListTagsForResource{.resource_arn = group.arn}).tags,
              tags_of(person.id, "schedule-group", "timers"));
    const auto outputs = result.outputs.of<TimerOutput>(kind_name);
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].arn, schedule->arn);
    EXPECT_EQ(outputs[0].function, "cleanup");
    EXPECT_TRUE(person.plan(with_timer(daily())).changes_nothing());
}

TEST(TimerDeploy, LetsSchedulerCallTheTimersFunctionsAndNoOthers)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    const auto policy =
        person.client()
            .call(aws::iam::GetRolePolicy{.role_name = "testbed-dev-timers-us-east-1",
                                          .policy_name = "nimbus"})
            .policy_document;
    const auto statements = parse_json(policy, "the policy").at("Statement").as_array();
    ASSERT_EQ(statements.size(), 1u);
    EXPECT_EQ(statements[0].at("Action"), (json::array{"lambda:InvokeFunction"}));
    EXPECT_EQ(statements[0].at("Resource"),
              (json::array{"arn:aws:lambda:us-east-1:123456789012:function:testbed-dev-cleanup"}));
}

TEST(TimerDeploy, NamesAFunctionOnceThatSeveralTimersCall)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto manifest = with_timer(daily());
    auto another = daily();
    another.name = "cleanup-again";
    manifest.declared.of<Timer>().push_back(another);
    person.deploy(manifest);
    const auto policy =
        person.client()
            .call(aws::iam::GetRolePolicy{.role_name = "testbed-dev-timers-us-east-1",
                                          .policy_name = "nimbus"})
            .policy_document;
    EXPECT_EQ(
        parse_json(policy, "the policy").at_pointer("/Statement/0/Resource").as_array().size(), 1u);
}

TEST(TimerPlan, TellsTheNextFiveTimesInTheTimersZone)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto plan = person.plan(with_timer(daily()));
    const auto& notes = step_of(plan, "schedule cleanup").notes;
    ASSERT_EQ(notes.size(), 5u);
    EXPECT_THAT(notes, Each(StartsWith("next: ")));
    EXPECT_THAT(notes, Each(HasSubstr("02:00")));
}

TEST(TimerPlan, SaysOfARateThatItFiresAtOnce)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto timer = daily();
    timer.schedule = "rate(5 minutes)";
    const auto plan = person.plan(with_timer(timer));
    const auto& notes = step_of(plan, "schedule cleanup").notes;
    ASSERT_EQ(notes.size(), 6u);
    EXPECT_THAT(notes[0], StartsWith("fires as soon as it is created, then every 5 minutes"));
    EXPECT_THAT(notes[1], StartsWith("next: "));
}

TEST(TimerPlan, SaysOfAChangedRateThatItFiresAsSoonAsItIsChanged)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    auto timer = daily();
    timer.schedule = "rate(1 minute)";
    EXPECT_EQ(step_of(person.plan(with_timer(timer)), "schedule cleanup").notes[0],
              "fires as soon as it is changed, then every minute. Counted from now:");
}

TEST(TimerPlan, WarnsOfATimeThatIsPast)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto timer = daily();
    timer.schedule = "at(2020-01-01T00:00:00)";
    const auto plan = person.plan(with_timer(timer));
    EXPECT_THAT(plan.warnings, ElementsAre("The timer 'cleanup' never fires: its time is past "
                                           "(at(2020-01-01T00:00:00), Europe/Berlin)."));
    EXPECT_THAT(step_of(plan, "schedule cleanup").notes,
                ElementsAre("never fires: its time is past"));
    EXPECT_THAT(person.plan(with_timer(daily())).warnings, IsEmpty());
}

TEST(TimerPlan, SaysOfADisabledTimerThatItDoesNotFire)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto timer = daily();
    timer.enabled = false;
    const auto manifest = with_timer(timer);
    EXPECT_THAT(step_of(person.plan(manifest), "schedule cleanup").notes,
                ElementsAre("is disabled: it does not fire"));
    person.deploy(manifest);
    EXPECT_FALSE(schedule_of(person)->settings.enabled);
    std::string state;
    const auto now = deployment_status(all_kinds(), person.target(), person.id);
    ASSERT_TRUE(now);
    for (const auto& status : now->resources)
        if (status.resource == "schedule cleanup")
            state = status.state;
    EXPECT_EQ(state, "disabled");
}

TEST(TimerDeploy, FollowsTheProgram)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    auto timer = daily();
    timer.schedule = "rate(5 minutes)";
    timer.flexible_window = 10;
    EXPECT_THAT(step_of(person.plan(with_timer(timer)), "schedule cleanup").reasons,
                testing::UnorderedElementsAre("schedule: cron(0 2 * * ? *) -> rate(5 minutes)",
                                              "flexibleWindow: 0 -> 10"));
    EXPECT_EQ(person.deploy(with_timer(timer)).changes.updated, 1);
    EXPECT_EQ(schedule_of(person)->settings.flexible_window_in_minutes, 10);
    person.deploy(Person::application({"GET /ping"}));
    EXPECT_FALSE(schedule_of(person));
    EXPECT_FALSE(person.client().find(scheduler::GetScheduleGroup{.name = "testbed-dev"}));
}

TEST(TimerDeploy, PutsRightWhatSomebodyChanged)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    auto settings = schedule_of(person)->settings;
    settings.enabled = false;
    settings.start_date = parse_iso8601("2099-01-01T00:00:00Z");
    person.client().call(scheduler::UpdateSchedule{
        .name = "cleanup", .group_name = "testbed-dev", .settings = settings});
    EXPECT_THAT(step_of(person.plan(with_timer(daily())), "schedule cleanup").reasons,
                testing::UnorderedElementsAre("state: DISABLED -> ENABLED",
                                              "startDate: 2099-01-01T00:00:00Z -> none"));
    person.deploy(with_timer(daily()));
    EXPECT_TRUE(schedule_of(person)->settings.enabled);
    person.client().call(scheduler::DeleteSchedule{.name = "cleanup", .group_name = "testbed-dev"});
    EXPECT_EQ(person.deploy(with_timer(daily())).changes.created, 1);
    EXPECT_TRUE(schedule_of(person));
}

TEST(TimerDeploy, LeavesAStrangersGroupAlone)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.client().call(scheduler::CreateScheduleGroup{.name = "testbed-dev"});
    EXPECT_THROW(person.deploy(with_timer(daily())), Error);
    EXPECT_THAT(
        person.client().call(scheduler::ListSchedules{.group_name = "testbed-dev"}).schedules,
        IsEmpty());
}

TEST(TimerDestroy, LeavesNothing)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_timer(daily()));
    EXPECT_THAT(person.destroy().kept, IsEmpty());
    EXPECT_FALSE(person.client().find(scheduler::GetScheduleGroup{.name = "testbed-dev"}));
    EXPECT_FALSE(outputs(all_kinds(), person.target(), person.id));
}

class KilledTimerTest : public testing::TestWithParam<std::string> {};

TEST_P(KilledTimerTest, ADeployIsFinishedByTheNext)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto steps = testing_kill::each_step([&](int step) {
        Person doomed(cloud);
        const bool is_killed =
            testing_kill::is_killed(step, GetParam(), [&] { doomed.deploy(with_timer(daily())); });
        Person person(cloud);
        person.deploy(with_timer(daily()));
        EXPECT_TRUE(schedule_of(person)) << step;
        EXPECT_TRUE(person.plan(with_timer(daily())).changes_nothing()) << step;
        person.destroy();
        return is_killed;
    });
    EXPECT_GT(steps, 10);
}

TEST_P(KilledTimerTest, ADestroyIsFinishedByTheNext)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto steps = testing_kill::each_step([&](int step) {
        Person doomed(cloud);
        doomed.deploy(with_timer(daily()));
        const bool is_killed = testing_kill::is_killed(step, GetParam(), [&] { doomed.destroy(); });
        Person person(cloud);
        person.destroy();
        EXPECT_FALSE(person.client().find(scheduler::GetScheduleGroup{.name = "testbed-dev"}));
        EXPECT_FALSE(outputs(all_kinds(), person.target(), person.id)) << step;
        return is_killed;
    });
    EXPECT_GT(steps, 5);
}

INSTANTIATE_TEST_SUITE_P(Moments, KilledTimerTest, testing::Values("before", "after"),
                         [](const auto& parameter) { return parameter.param; });

TEST(TimerEvent, HasTheMembersOfEventBridgesScheduledEvent)
{
    const auto event = sample_event("arn:aws:scheduler:us-east-1:123456789012:schedule/g/cleanup",
                                    *parse_iso8601("2026-11-29T02:00:00Z"));
    EXPECT_EQ(event.at("detail-type"), "Scheduled Event");
    EXPECT_EQ(event.at("source"), "aws.scheduler");
    EXPECT_EQ(event.at("account"), "123456789012");
    EXPECT_EQ(event.at("region"), "us-east-1");
    EXPECT_EQ(event.at("time"), "2026-11-29T02:00:00Z");
    EXPECT_EQ(event.at("resources"),
              (json::array{"arn:aws:scheduler:us-east-1:123456789012:schedule/g/cleanup"}));
    EXPECT_EQ(event.at("detail"), json::object{});
}

/// What status, and the plan of a program that has nothing any more, show as somebody else's.
void expect_no_extras(Person& person)
{
    auto nothing = with_timer(daily());
    nothing.declared = {};
    nothing.functions.clear();
    EXPECT_THAT(deployment_status(all_kinds(), person.target(), person.id).value().extras,
                IsEmpty());
    EXPECT_THAT(person.plan(nothing).extras, IsEmpty());
}

TEST(Extras, AreAskedForOfNothingThatAKilledDeployDidNotMake)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto steps = testing_kill::each_step([&](int step) {
        Person doomed(cloud);
        const bool was_killed =
            testing_kill::is_killed(step, "before", [&] { doomed.deploy(with_timer(daily())); });
        Person person(cloud);
        if (was_killed && step > 2) { // the lock and the state are written first
            EXPECT_NO_THROW(expect_no_extras(person)) << "killed before step " << step;
        }
        person.destroy();
        return was_killed;
    });
    EXPECT_GT(steps, 10);
}

TEST(Extras, AreAskedForOfNothingThatAKilledDestroyDeleted)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto steps = testing_kill::each_step([&](int step) {
        Person doomed(cloud);
        doomed.deploy(with_timer(daily()));
        const bool was_killed = testing_kill::is_killed(step, "after", [&] { doomed.destroy(); });
        Person person(cloud);
        if (was_killed && !list_deployments(person.target()).empty()) {
            EXPECT_NO_THROW(expect_no_extras(person)) << "killed after step " << step;
        }
        person.destroy();
        return was_killed;
    });
    EXPECT_GT(steps, 10);
}

} // namespace
} // namespace nimbus::deploy::timer
