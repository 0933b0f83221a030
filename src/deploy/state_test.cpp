#include "base/error.h"
#include "deploy/state.h"
#include "deploy/test_kinds.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing_kinds::kinds;

State example()
{
    State state{.deployment = {"shop", "dev", "us-east-1"}, .account_id = "123456789012"};
    state.records["function get-users"] = {.type = "function",
                                           .name = "get-users",
                                           .status = Record::Status::updating,
                                           .is_ours = true,
                                           .nonce = "n",
                                           .depends_on = {"role functions"},
                                           .outputs = {{"arn", "arn:aws:lambda:…"}}};
    state.records["permission p"] = {.type = "permission",
                                     .name = "p",
                                     .status = Record::Status::kept,
                                     .parent = "function get-users"};
    state.outputs = Outputs{.deployment = state.deployment};
    state.outputs->items.push_back(
        {.kind = "box",
         .name = "top",
         .id = "b-1",
         .members = {{"name", "top"}, {"serial", "b-1"}, {"lids", json::array{"p"}}}});
    return state;
}

TEST(State, SurvivesItsTextForm)
{
    const auto state = example();
    const auto parsed = parse_state(to_json(state, "r1"), "state.json", kinds());
    EXPECT_EQ(parsed.state, state);
    EXPECT_EQ(parsed.revision, "r1");
}

TEST(State, HasTheOutputsThatAnEarlierVersionWrote)
{
    const auto parsed = parse_state(R"({"version": 1, "project": "shop", "outputs": {
        "boxes": [{"name": "top", "serial": "b-1", "lids": ["p"]}], "stores": []}})",
                                    "state.json", kinds());
    EXPECT_EQ(parsed.state.outputs->items, example().outputs->items);
}

TEST(State, OfAnEarlierVersionProvesOwnershipOfWhatWasMade)
{
    const auto parsed = parse_state(R"({"version": 1, "resources": {
        "box made": {"type": "box", "name": "made", "status": "ready"},
        "box tried": {"type": "box", "name": "tried", "status": "creating"}}})",
                                    "state.json", kinds());
    EXPECT_TRUE(parsed.state.records.at("box made").is_ours);
    EXPECT_FALSE(parsed.state.records.at("box tried").is_ours);
}

TEST(State, KnowsWhetherSomethingIsUnderWay)
{
    auto state = example();
    EXPECT_FALSE(state.settled());
    state.records["function get-users"].status = Record::Status::ready;
    EXPECT_TRUE(state.settled());
}

TEST(State, OfANewerNimbusIsRefused)
{
    try {
        parse_state(R"({"version": 2})", "nimbus/shop/state.json", kinds());
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("nimbus/shop/state.json"));
        EXPECT_THAT(error.what(), testing::HasSubstr("newer"));
    }
}

TEST(State, ThatIsDamagedIsRefused)
{
    for (const auto* text : {"", "{", "[]", "{}", R"({"version": 1, "resources": {"x": 1}})",
                             R"({"version": 1, "resources": {"x": {"status": "odd"}}})"})
        EXPECT_THROW(parse_state(text, "state.json", kinds()), Error) << text;
}

} // namespace
} // namespace nimbus::deploy
