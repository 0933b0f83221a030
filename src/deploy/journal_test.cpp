#include "deploy/journal.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using RecordStatus = Record::Status;

Step step(Action action)
{
    Step result{.action = action,
                .type = &resource_type("function"),
                .node = {.type = "function",
                         .name = "f",
                         .identity = {{"functionName", "shop-dev-f"}},
                         .inputs = {{"memory", 256}},
                         .depends_on = {"role new"}}};
    if (action != Action::create)
        result.observed = Observed{.outputs = {{"arn", "arn:f"}}};
    return result;
}

State knowing(RecordStatus status)
{
    State state;
    state.records["function f"] = {.type = "function",
                                   .name = "f",
                                   .status = status,
                                   .nonce = "before",
                                   .depends_on = {"role old"},
                                   .outputs = {{"arn", "arn:old"}}};
    return state;
}

Record intended(State state, Step one)
{
    Plan plan;
    plan.steps.push_back(std::move(one));
    plan.after.emplace_back();
    return with_intents(std::move(state), plan).records.at("function f");
}

TEST(Intents, SayHowAThingIsCalledBeforeItIsMade)
{
    const auto record = intended({}, step(Action::create));
    EXPECT_EQ(record.status, RecordStatus::creating);
    EXPECT_EQ(record.outputs, (json::object{{"functionName", "shop-dev-f"}}));
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
    EXPECT_THAT(record.depends_on, ElementsAre("role new", "role old"));
    EXPECT_EQ(record.outputs.at("arn"), "arn:f");
}

TEST(Intents, TakeOverWhatWasFound)
{
    const auto record = intended(knowing(RecordStatus::creating), step(Action::keep));
    EXPECT_EQ(record.status, RecordStatus::ready);
    EXPECT_THAT(record.depends_on, ElementsAre("role new"));
    EXPECT_EQ(record.outputs.at("arn"), "arn:f");
}

TEST(Intents, MarkWhatLeavesAndWhatGoesWithIt)
{
    auto state = knowing(RecordStatus::ready);
    state.records["permission p"] = {
        .type = "permission", .name = "p", .status = RecordStatus::ready, .parent = "function f"};
    const auto after =
        with_intents(state, make_removal_plan(state, {"function f", "permission p"}));
    EXPECT_EQ(after.records.at("function f").status, RecordStatus::deleting);
    EXPECT_EQ(after.records.at("permission p").status, RecordStatus::deleting);
    EXPECT_FALSE(after.settled());
}

} // namespace
} // namespace nimbus::deploy
