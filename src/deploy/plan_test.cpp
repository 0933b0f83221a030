#include "deploy/plan.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

Node role()
{
    return {.type = "role", .name = "functions", .inputs = {{"policy", json::object{{"v", 1}}}}};
}

Node function(int memory = 256)
{
    return {.type = "function",
            .name = "get-users",
            .inputs = {{"memory", memory}, {"roleId", output_of("role functions", "roleId")}},
            .depends_on = {"role functions"}};
}

Node permission()
{
    return {.type = "permission",
            .name = "p",
            .inputs = {{"sourceArn", "x"}},
            .depends_on = {"function get-users"},
            .parent = "function get-users"};
}

const std::vector<Node> graph{role(), function(), permission()};

Observations all_as_wanted()
{
    Observations observations;
    observations["role functions"] =
        Observed{.inputs = {{"policy", json::object{{"v", 1}}}}, .outputs = {{"roleId", "AROA1"}}};
    observations["function get-users"] = Observed{.inputs = {{"memory", 256}, {"roleId", "AROA1"}}};
    observations["permission p"] = Observed{.inputs = {{"sourceArn", "x"}}};
    return observations;
}

Record record(const Node& node)
{
    return {.type = node.type,
            .name = node.name,
            .status = Record::Status::ready,
            .parent = node.parent,
            .depends_on = node.depends_on};
}

State state_of(const std::vector<Node>& nodes)
{
    State state;
    for (const auto& node : nodes)
        state.records[node.key()] = record(node);
    return state;
}

std::vector<Action> actions(const Plan& plan)
{
    std::vector<Action> result;
    for (const auto& step : plan.steps)
        result.push_back(step.action);
    return result;
}

/// Which steps wait for which, by name.
std::vector<std::string> waits_for(const Plan& plan, const std::string& key)
{
    std::vector<std::string> result;
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        if (plan.steps[i].key() == key)
            for (const auto before : plan.after[i])
                result.push_back(plan.steps[before].key());
    return result;
}

TEST(Plan, OfANewApplicationCreatesEverythingAlongTheGraph)
{
    const auto plan = make_plan(graph, {}, {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::create, Action::create, Action::create));
    EXPECT_THAT(plan.steps[0].reasons, ElementsAre("is new"));
    EXPECT_THAT(waits_for(plan, "function get-users"), ElementsAre("role functions"));
    EXPECT_EQ(plan.count_changes(), 3);
}

TEST(Plan, ChangesNothingWhenAllIsAsWanted)
{
    const auto plan = make_plan(graph, state_of(graph), all_as_wanted());
    EXPECT_TRUE(plan.changes_nothing());
    EXPECT_TRUE(summarize(plan, {}).changes_nothing());
}

TEST(Plan, SaysWhatDiffers)
{
    const auto plan = make_plan({role(), function(512)}, state_of(graph), all_as_wanted());
    EXPECT_EQ(plan.steps[1].action, Action::update);
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("memory: 256 -> 512"));
}

TEST(Plan, MakesAgainWhatSomebodyDeleted)
{
    auto observations = all_as_wanted();
    observations["function get-users"].reset();
    const auto plan = make_plan(graph, state_of(graph), observations);
    // The permission went with the function, whatever was read of it before.
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::create, Action::create));
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("does not exist any more"));
}

TEST(Plan, ChangesWhatUsesSomethingThatIsMadeAgain)
{
    auto observations = all_as_wanted();
    observations["role functions"].reset();
    const auto plan = make_plan(graph, state_of(graph), observations);
    EXPECT_THAT(actions(plan), ElementsAre(Action::create, Action::update, Action::keep));
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("roleId: AROA1 -> (known when deployed)"));
}

TEST(Plan, ReplacesWhatIsBroken)
{
    auto observations = all_as_wanted();
    observations["function get-users"]->broken = "Lambda could not make it";
    const auto plan = make_plan(graph, state_of(graph), observations);
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::replace, Action::create));
}

TEST(Plan, RemovesWhatLeftAfterWhatUsedIt)
{
    const Node old_role{.type = "role", .name = "old", .inputs = {}};
    auto uses_old_role = function();
    uses_old_role.depends_on = {"role old"};
    const auto plan =
        make_plan(graph, state_of({old_role, role(), uses_old_role, permission()}), [] {
            auto observations = all_as_wanted();
            observations["function get-users"]->inputs["roleId"] = "AROA0";
            return observations;
        }());
    EXPECT_THAT(actions(plan),
                ElementsAre(Action::keep, Action::update, Action::keep, Action::remove));
    EXPECT_THAT(waits_for(plan, "role old"), ElementsAre("function get-users"));
    EXPECT_THAT(plan.steps[3].reasons, ElementsAre("left the program"));
}

TEST(Plan, KeepsDataThatLeftTheProgram)
{
    const Node cluster{.type = "cluster", .name = "main-db", .inputs = {}};
    const auto plan = make_plan({}, state_of({cluster}), {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep));
    EXPECT_FALSE(summarize(plan, {}).loses_data());
}

TEST(RemovalPlan, TakesPartsAlongAndGoesBackwards)
{
    const auto plan = make_removal_plan(state_of(graph),
                                        {"role functions", "function get-users", "permission p"});
    ASSERT_EQ(plan.steps.size(), 2u);
    EXPECT_THAT(waits_for(plan, "role functions"), ElementsAre("function get-users"));
    EXPECT_THAT(waits_for(plan, "function get-users"), ElementsAre());
    for (const auto& step : plan.steps) {
        if (step.key() == "function get-users") {
            EXPECT_THAT(step.takes_along, ElementsAre("permission p"));
        }
    }
    EXPECT_EQ(summarize(plan, {}).steps.size(), 3u);
}

TEST(CompareInputs, ShowsScalarsAndHidesWhatMayBeSecret)
{
    EXPECT_THAT(compare_inputs({{"memory", 512},
                                {"environment", json::object{{"NEW", "s3cret"}, {"OTHER", "b"}}},
                                {"ignored", 1},
                                {"policy", json::object{{"x", 1}}}},
                               {{"memory", 256},
                                {"environment", json::object{{"OLD", "a"}, {"OTHER", "a"}}},
                                {"policy", nullptr}}),
                UnorderedElementsAre("memory: 256 -> 512", "environment NEW: added",
                                     "environment OTHER: changed", "environment OLD: removed",
                                     "policy: missing"));
}

} // namespace
} // namespace nimbus::deploy
