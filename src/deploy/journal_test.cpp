#include "deploy/journal.h"
#include "deploy/test_kinds.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing_kinds::kinds;
using RecordStatus = Record::Status;

Step step(Action action)
{
    Step result{.action = action,
                .type = &kinds().type("box"),
                .node = {.type = "box",
                         .name = "f",
                         .identity = {{"serial", "shop-dev-f"}},
                         .inputs = {{"memory", 256}},
                         .depends_on = {"box new"}}};
    if (action != Action::create)
        result.observed = Observed{.outputs = {{"arn", "arn:f"}}};
    return result;
}

State knowing(RecordStatus status)
{
    State state;
    state.records["box f"] = {.type = "box",
                              .name = "f",
                              .status = status,
                              .nonce = "before",
                              .depends_on = {"box old"},
                              .outputs = {{"arn", "arn:old"}}};
    return state;
}

Record intended(State state, Step one)
{
    Plan plan;
    plan.steps.push_back(std::move(one));
    plan.after.emplace_back();
    return with_intents(std::move(state), plan).records.at("box f");
}

TEST(Intents, SayHowAThingIsCalledBeforeItIsMade)
{
    const auto record = intended({}, step(Action::create));
    EXPECT_EQ(record.status, RecordStatus::creating);
    EXPECT_EQ(record.outputs, (json::object{{"serial", "shop-dev-f"}}));
    EXPECT_FALSE(record.nonce.empty());
}

TEST(Intents, OfASecondAttemptKeepTheNonce)
{
    EXPECT_EQ(intended(knowing(RecordStatus::creating), step(Action::create)).nonce, "before");
}

TEST(Intents, OfANewLifeHaveANewNonceAndNoOldOutputs)
{
    for (const auto action : {Action::create, Action::replace}) {
        const auto record = intended(knowing(RecordStatus::ready), step(action));
        EXPECT_NE(record.nonce, "before");
        EXPECT_FALSE(record.outputs.contains("arn"));
    }
}

TEST(Intents, OfAChangeRememberWhatItUsesUntilThen)
{
    const auto record = intended(knowing(RecordStatus::ready), step(Action::update));
    EXPECT_EQ(record.status, RecordStatus::updating);
    EXPECT_THAT(record.depends_on, ElementsAre("box new", "box old"));
    EXPECT_EQ(record.outputs.at("arn"), "arn:f");
}

TEST(Intents, TakeOverWhatWasFound)
{
    const auto record = intended(knowing(RecordStatus::creating), step(Action::keep));
    EXPECT_EQ(record.status, RecordStatus::ready);
    EXPECT_THAT(record.depends_on, ElementsAre("box new"));
    EXPECT_EQ(record.outputs.at("arn"), "arn:f");
}

TEST(Intents, MarkWhatLeavesAndWhatGoesWithIt)
{
    auto state = knowing(RecordStatus::ready);
    state.records["lid p"] = {
        .type = "lid", .name = "p", .status = RecordStatus::ready, .parent = "box f"};
    const auto after = with_intents(state, make_removal_plan(kinds(), state, {"box f", "lid p"}));
    EXPECT_EQ(after.records.at("box f").status, RecordStatus::deleting);
    EXPECT_EQ(after.records.at("lid p").status, RecordStatus::deleting);
    EXPECT_FALSE(after.settled());
}

} // namespace
} // namespace nimbus::deploy
