#include "aws/ops/lambda/functions.h"
#include "aws/ops/logs/log_groups.h"
#include "deploy/test_kill.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::function {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

const std::string ping_group = "/aws/lambda/testbed-dev-GET--ping";
const std::string next_group = "/aws/lambda/testbed-dev-GET--next";

/// The days of each log group; absent: infinite.
std::map<std::string, std::optional<int>> retentions(const Person& person)
{
    std::map<std::string, std::optional<int>> days;
    for (const auto& group : person.client().call(aws::logs::DescribeLogGroups{}).log_groups)
        days[group.log_group_name] = group.retention_days;
    return days;
}

/// `days`: what the program says, if anything.
manifest::Manifest one_route(std::optional<int> days = {})
{
    auto manifest = Person::application({"GET /ping"});
    manifest.functions.front().log_retention_days = days;
    return manifest;
}

/// The reasons for a change of the log group.
std::vector<std::string> planned(Person& person, const manifest::Manifest& manifest)
{
    for (const auto& step : person.plan(manifest).steps)
        if (step.type == "log-group")
            return step.reasons;
    return {};
}

TEST(LogGroup, OfANewFunctionKeepsItsEventsFor30Days)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    EXPECT_THAT(retentions(person), ElementsAre(Pair(ping_group, 30)));
    EXPECT_TRUE(person.plan(one_route()).changes_nothing());
}

TEST(LogGroup, IsMadeWithTheRetentionThatTheProgramSays)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route(7));
    EXPECT_THAT(retentions(person), ElementsAre(Pair(ping_group, 7)));
    person.destroy();
    person.deploy(one_route(manifest::infinite_retention));
    EXPECT_THAT(retentions(person), ElementsAre(Pair(ping_group, std::nullopt)));
    EXPECT_TRUE(person.plan(one_route()).changes_nothing());
}

TEST(LogGroup, ThatExistsChangesOnlyWhenTheProgramSaysIt)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    // As earlier versions left it, and as somebody may have set it.
    person.client().call(aws::logs::DeleteRetentionPolicy{.log_group_name = ping_group});
    EXPECT_TRUE(person.plan(one_route()).changes_nothing());

    EXPECT_THAT(planned(person, one_route(14)), ElementsAre("retention: infinite -> 14 days"));
    person.deploy(one_route(14));
    EXPECT_THAT(retentions(person), ElementsAre(Pair(ping_group, 14)));
    EXPECT_TRUE(person.plan(one_route()).changes_nothing());

    person.deploy(one_route(manifest::infinite_retention));
    EXPECT_THAT(retentions(person), ElementsAre(Pair(ping_group, std::nullopt)));
}

TEST(LogGroup, OfAFunctionThatLeftTheProgramStaysUntilDestroy)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(Person::application({"GET /ping", "GET /next"}));
    person.client().call(
        aws::logs::PutRetentionPolicy{.log_group_name = next_group, .retention_days = 7});

    const auto plan = person.plan(one_route());
    const auto kept = std::ranges::find(plan.steps, "log-group GET--next", &PlannedStep::resource);
    ASSERT_NE(kept, plan.steps.end());
    EXPECT_EQ(kept->action, Action::keep);
    EXPECT_THAT(kept->reasons, ElementsAre("no longer declared; kept until destroy"));
    EXPECT_FALSE(plan.loses_data());
    person.deploy(one_route());
    EXPECT_EQ(person.client().call(aws::lambda::ListFunctions{}).functions.size(), 1u);
    EXPECT_THAT(retentions(person), ElementsAre(Pair(next_group, 7), Pair(ping_group, 30)));
    const auto status = deployment_status(all_kinds(), person.target(), person.id).value();
    for (const auto& one : status.resources)
        EXPECT_EQ(one.is_kept, one.resource == "log-group GET--next") << one.resource;

    // The route comes back, to its log.
    person.deploy(Person::application({"GET /ping", "GET /next"}));
    EXPECT_THAT(retentions(person), ElementsAre(Pair(next_group, 7), Pair(ping_group, 30)));

    person.deploy(one_route());
    person.destroy();
    EXPECT_THAT(retentions(person), IsEmpty());
}

TEST(LogGroup, GetsItsRetentionThoughItsDeployIsKilledTwice)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto steps = testing_kill::each_step([&](int step) {
        bool was_killed = false;
        // The second deploy writes the lock, then the state, then sets the retention.
        for (int second = 1; second <= 4; ++second) {
            Person first(cloud);
            Person next(cloud);
            Person last(cloud);
            first.options.parallel = next.options.parallel = 1;
            was_killed = testing_kill::is_killed(step, "after", [&] { first.deploy(one_route()); });
            if (was_killed)
                testing_kill::is_killed(second, "before", [&] { next.deploy(one_route()); });
            last.deploy(one_route());
            EXPECT_THAT(retentions(last), ElementsAre(Pair(ping_group, 30)))
                << "killed after step " << step << " and before step " << second;
            last.destroy();
        }
        return was_killed;
    });
    EXPECT_GT(steps, 5);
}

} // namespace
} // namespace nimbus::deploy::function
