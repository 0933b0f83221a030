#include "deploy/plan.h"
#include "deploy/references.h"
#include "deploy/test_kinds.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing_kinds::kinds;

Node base()
{
    return {.type = "box", .name = "base", .inputs = {{"policy", json::object{{"v", 1}}}}};
}

Node top(int memory = 256)
{
    return {.type = "box",
            .name = "top",
            .inputs = {{"memory", memory}, {"baseId", output_of("box base", "baseId")}},
            .depends_on = {"box base"}};
}

Node lid()
{
    return {.type = "lid",
            .name = "p",
            .inputs = {{"sourceArn", "x"}},
            .depends_on = {"box top"},
            .parent = "box top"};
}

const std::vector<Node> graph{base(), top(), lid()};

Observations all_as_wanted()
{
    Observations observations;
    observations["box base"] =
        Observed{.inputs = {{"policy", json::object{{"v", 1}}}}, .outputs = {{"baseId", "AROA1"}}};
    observations["box top"] = Observed{.inputs = {{"memory", 256}, {"baseId", "AROA1"}}};
    observations["lid p"] = Observed{.inputs = {{"sourceArn", "x"}}};
    return observations;
}

Record record(const Node& node)
{
    return {.type = node.type,
            .name = node.name,
            .status = Record::Status::ready,
            .is_ours = true,
            .parent = node.parent,
            .depends_on = node.needs()};
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
    const auto plan = make_plan(kinds(), graph, {}, {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::create, Action::create, Action::create));
    EXPECT_THAT(plan.steps[0].reasons, ElementsAre("is new"));
    EXPECT_THAT(waits_for(plan, "box top"), ElementsAre("box base"));
    EXPECT_EQ(plan.count_changes(), 3);
}

TEST(Plan, ChangesNothingWhenAllIsAsWanted)
{
    const auto plan = make_plan(kinds(), graph, state_of(graph), all_as_wanted());
    EXPECT_TRUE(plan.changes_nothing());
    EXPECT_TRUE(summarize(plan, {}).changes_nothing());
}

TEST(Plan, SaysWhatDiffers)
{
    const auto plan = make_plan(kinds(), {base(), top(512)}, state_of(graph), all_as_wanted());
    EXPECT_EQ(plan.steps[1].action, Action::update);
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("memory: 256 -> 512"));
}

TEST(Plan, MakesAgainWhatSomebodyDeleted)
{
    auto observations = all_as_wanted();
    observations["box top"].reset();
    const auto plan = make_plan(kinds(), graph, state_of(graph), observations);
    // The lid went with its box, whatever was read of it before.
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::create, Action::create));
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("no longer exists"));
    EXPECT_TRUE(plan.steps[2].observed);
    EXPECT_EQ(plan.steps[2].present(), nullptr);
}

TEST(Plan, ChangesWhatUsesSomethingThatIsMadeAgain)
{
    auto observations = all_as_wanted();
    observations["box base"].reset();
    const auto plan = make_plan(kinds(), graph, state_of(graph), observations);
    EXPECT_THAT(actions(plan), ElementsAre(Action::create, Action::update, Action::keep));
    EXPECT_THAT(plan.steps[1].reasons, ElementsAre("baseId: AROA1 -> (known when deployed)"));
}

TEST(Plan, ReplacesWhatIsBroken)
{
    auto observations = all_as_wanted();
    observations["box top"]->broken = "Lambda could not make it";
    const auto plan = make_plan(kinds(), graph, state_of(graph), observations);
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::replace, Action::create));
}

TEST(Plan, RemovesWhatLeftAfterWhatUsedIt)
{
    const Node old_base{.type = "box", .name = "old", .inputs = {}};
    auto uses_old = top();
    uses_old.depends_on = {"box old"};
    const auto plan = make_plan(kinds(), graph, state_of({old_base, base(), uses_old, lid()}), [] {
        auto observations = all_as_wanted();
        observations["box top"]->inputs["baseId"] = "AROA0";
        return observations;
    }());
    EXPECT_THAT(actions(plan),
                ElementsAre(Action::keep, Action::update, Action::keep, Action::remove));
    EXPECT_THAT(waits_for(plan, "box old"), ElementsAre("box top"));
    EXPECT_THAT(plan.steps[3].reasons, ElementsAre("no longer declared"));
}

TEST(Plan, KeepsDataThatLeftTheProgram)
{
    const Node store{.type = "store", .name = "main", .inputs = {}};
    const auto plan = make_plan(kinds(), {}, state_of({store}), {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep));
    EXPECT_FALSE(summarize(plan, {}).loses_data());
}

TEST(Plan, KeepsWhatWouldTakeSomebodysThingAlongAndRemovesItsParts)
{
    const auto state = state_of(graph);
    auto plan = make_plan(kinds(), {base()}, state, all_as_wanted());
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::remove));
    keep_held(plan, kinds(), state, {{"box top", "the label x"}});
    EXPECT_THAT(actions(plan), ElementsAre(Action::keep, Action::keep, Action::remove));
    EXPECT_EQ(plan.steps[1].held_for, "the label x");
    EXPECT_THAT(plan.steps[1].reasons,
                ElementsAre("no longer declared; kept, because somebody added the label x"));
    EXPECT_EQ(plan.steps[2].key(), "lid p");
}

TEST(Plan, RemovesAPartAfterTheOtherPartsAreChanged)
{
    const Node other{.type = "lid", .name = "q", .inputs = {}, .parent = "box top"};
    auto observations = all_as_wanted();
    observations["lid p"]->inputs["sourceArn"] = "y"; // it uses the other one
    const auto plan =
        make_plan(kinds(), graph, state_of({base(), top(), lid(), other}), observations);
    EXPECT_THAT(waits_for(plan, "lid q"), ElementsAre("lid p"));
}

TEST(Plan, KeepsWhatStaysUntilDestroy)
{
    const Node log{.type = "log", .name = "old", .inputs = {}};
    const auto state = state_of({base(), top(), lid(), log});
    const auto plan = make_plan(kinds(), graph, state, all_as_wanted());
    EXPECT_TRUE(plan.changes_nothing());
    EXPECT_THAT(plan.steps.back().reasons, ElementsAre("no longer declared; kept until destroy"));
    const auto removal = make_removal_plan(kinds(), state, {"log old"});
    EXPECT_THAT(actions(removal), ElementsAre(Action::remove));
    EXPECT_FALSE(removal.steps.front().loses_data());
}

TEST(Plan, SaysThatItLosesDataOfWhatAsksBeforeItGoes)
{
    const Node safe{.type = "safe", .name = "main", .inputs = {}};
    const auto plan = make_plan(kinds(), {}, state_of({safe}), {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::remove));
    EXPECT_TRUE(summarize(plan, {}).loses_data());
}

TEST(Plan, ADeclaredResourceWithoutInputsDoesNotLeave)
{
    const Node box{.type = "box", .name = "plain", .inputs = {}};
    const auto plan = make_plan(kinds(), {box}, {}, {});
    EXPECT_THAT(actions(plan), ElementsAre(Action::create));
    EXPECT_TRUE(plan.steps[0].is_declared);
}

TEST(Plan, TellsWhatPeopleMayWantToKnowOfAResource)
{
    auto noted = base();
    noted.notes = {"next: tomorrow"};
    EXPECT_THAT(summarize(make_plan(kinds(), {noted}, {}, {}), {}).steps[0].notes,
                ElementsAre("next: tomorrow"));
}

TEST(Plan, ChangesAResourceBetweenTheNewAndTheOldOfWhatItWorksWith)
{
    auto user = base();
    user.works_with = {"box new"};
    user.inputs["memory"] = 512;
    const Node fresh{.type = "box", .name = "new", .inputs = {}};
    const Node old{.type = "box", .name = "old", .inputs = {}};
    auto before = base();
    before.works_with = {"box old"};
    auto observations = all_as_wanted();
    observations["box base"]->inputs["memory"] = 256;
    const auto plan = make_plan(kinds(), {fresh, user}, state_of({old, before}), observations);
    EXPECT_THAT(waits_for(plan, "box base"), ElementsAre("box new"));
    EXPECT_THAT(waits_for(plan, "box old"), ElementsAre("box base"));
}

TEST(Plan, MakesAResourceWithoutWaitingForWhatItWorksWith)
{
    auto user = base();
    user.works_with = {"box new"};
    const Node fresh{.type = "box", .name = "new", .inputs = {}};
    EXPECT_THAT(waits_for(make_plan(kinds(), {fresh, user}, {}, {}), "box base"), ElementsAre());
}

TEST(Plan, TakesNothingForOursThatAppearedWhereNothingWas)
{
    auto observations = all_as_wanted();
    observations["box base"].reset();
    const auto plan = make_plan(kinds(), graph, state_of(graph), observations);
    EXPECT_FALSE(plan.steps[0].is_recorded);
    EXPECT_TRUE(plan.steps[1].is_recorded);
}

TEST(PlanSummary, ANoteMayBeAboutTheCreationOrTheChange)
{
    auto node = base();
    node.notes = {"always"};
    node.creation_note = "when it is created";
    node.update_note = "when it is changed";
    Plan plan;
    for (const auto action : {Action::create, Action::replace, Action::update, Action::keep})
        plan.steps.push_back(
            {.action = action, .type = &kinds().type(node.type), .node = node, .observed = {}});
    const auto steps = summarize(plan, {}).steps;
    EXPECT_THAT(steps[0].notes, ElementsAre("when it is created", "always"));
    EXPECT_EQ(steps[1].notes, steps[0].notes);
    EXPECT_THAT(steps[2].notes, ElementsAre("when it is changed", "always"));
    EXPECT_THAT(steps[3].notes, ElementsAre("always"));
}

TEST(RemovalPlan, OfAnAttemptIsNoRightToWhatIsThere)
{
    auto state = state_of({base()});
    state.records["box base"].is_ours = false;
    EXPECT_FALSE(make_removal_plan(kinds(), state, {"box base"}).steps[0].is_recorded);
    state.records["box base"].is_ours = true;
    EXPECT_TRUE(make_removal_plan(kinds(), state, {"box base"}).steps[0].is_recorded);
}

TEST(RemovalPlan, TakesPartsOfPartsAlong)
{
    const Node handle{.type = "box", .name = "handle", .inputs = {}, .parent = "lid p"};
    const auto plan = make_removal_plan(kinds(), state_of({top(), lid(), handle}),
                                        {"box top", "lid p", "box handle"});
    ASSERT_EQ(plan.steps.size(), 1u);
    EXPECT_THAT(plan.steps[0].takes_along, ElementsAre("box handle", "lid p"));
}

TEST(RemovalPlan, TakesPartsAlongAndGoesBackwards)
{
    const auto plan = make_removal_plan(kinds(), state_of(graph), {"box base", "box top", "lid p"});
    ASSERT_EQ(plan.steps.size(), 2u);
    EXPECT_THAT(waits_for(plan, "box base"), ElementsAre("box top"));
    EXPECT_THAT(waits_for(plan, "box top"), ElementsAre());
    for (const auto& step : plan.steps) {
        if (step.key() == "box top") {
            EXPECT_THAT(step.takes_along, ElementsAre("lid p"));
        }
    }
    EXPECT_EQ(summarize(plan, {}).steps.size(), 3u);
}

TEST(RemovalPlan, RemovesWhatAPartUsedAfterThePart)
{
    auto lid_with_handle = lid();
    lid_with_handle.depends_on.push_back("box handle");
    const Node handle{.type = "box", .name = "handle", .inputs = {}};
    const auto plan = make_removal_plan(kinds(), state_of({top(), lid_with_handle, handle}),
                                        {"box top", "lid p", "box handle"});
    EXPECT_THAT(waits_for(plan, "box handle"), ElementsAre("box top"));
}

TEST(RemovalPlan, OfPartsThatUseEachOthersThingsStillEnds)
{
    auto first = lid();
    first.depends_on.push_back("box other");
    const Node other{.type = "box", .name = "other", .inputs = {}};
    const Node second{.type = "lid",
                      .name = "q",
                      .inputs = {},
                      .depends_on = {"box other", "box top"},
                      .parent = "box other"};
    const auto plan = make_removal_plan(kinds(), state_of({top(), first, other, second}),
                                        {"box top", "lid p", "box other", "lid q"});
    EXPECT_EQ(waits_for(plan, "box top").size() + waits_for(plan, "box other").size(), 1u);
}

} // namespace
} // namespace nimbus::deploy
