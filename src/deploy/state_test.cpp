#include "base/error.h"
#include "deploy/state.h"
#include "deploy/test_kinds.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing_kinds::kinds;

const DeploymentId shop{"shop", "dev", "us-east-1"};

ParsedState parse(const std::string& text)
{
    return parse_state(text, "s3://bucket/nimbus/shop/dev/us-east-1/state.json", shop, kinds());
}

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
    const auto parsed = parse(to_json(state, "r1"));
    EXPECT_EQ(parsed.state, state);
    EXPECT_EQ(parsed.revision, "r1");
}

TEST(State, RemembersThatItIsOfAPreview)
{
    auto state = example();
    EXPECT_FALSE(parse(to_json(state, "r1")).state.is_preview);
    state.is_preview = true;
    EXPECT_TRUE(parse(to_json(state, "r1")).state.is_preview);
}

TEST(State, HasTheOutputsThatAnEarlierVersionWrote)
{
    const auto parsed = parse(
        R"({"version": 1, "project": "shop", "stage": "dev", "region": "us-east-1", "account": "123456789012",
        "resources": {}, "outputs": {
        "boxes": [{"name": "top", "serial": "b-1", "lids": ["p"]}], "stores": []}})");
    EXPECT_EQ(parsed.state.outputs->items, example().outputs->items);
}

TEST(State, OfAnEarlierVersionProvesOwnershipOfWhatWasMade)
{
    const auto parsed = parse(
        R"({"version": 1, "project": "shop", "stage": "dev", "region": "us-east-1", "account": "123456789012",
        "resources": {"box made": {"type": "box", "name": "made", "status": "ready"},
        "box tried": {"type": "box", "name": "tried", "status": "creating"}}})");
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
        parse(R"({"version": 2})");
        FAIL();
    } catch (const NewerState& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("s3://bucket/nimbus/shop/dev/us-east-1/"));
        EXPECT_THAT(error.what(), testing::HasSubstr("newer"));
    }
}

TEST(State, ThatIsDamagedIsRefusedWithItsPlaceAndTheWayOut)
{
    const auto with = [](const std::string& members) {
        return R"({"version": 1, "project": "shop", "stage": "dev", "region": "us-east-1",
                   "account": "123456789012", )" +
               members + "}";
    };
    EXPECT_NO_THROW(parse(with(R"("resources": {})")));
    for (const auto& text :
         {std::string(), std::string("{"), std::string("[]"), std::string("{}"),
          std::string(R"({"version": 1})"), with(R"("account": "1")"),
          std::string(R"({"version": 1, "project": "shop", "stage": "dev", "region": "us-east-1",
                          "resources": {}})"),
          with(R"("resources": 5)"), with(R"("resources": {"x": 1})"),
          with(R"("resources": {"x": {"status": "odd"}})"),
          with(R"("resources": {"box b": {"type": "box", "name": "c", "status": "ready"}})"),
          with(R"("resources": {"box b": {"type": "box", "name": "b", "status": "ready",
                                          "dependsOn": [1]}})"),
          with(R"("resources": {"box b": {"type": "box", "name": "b", "status": "ready",
                                          "parent": "box b"}})"),
          with(R"("resources": {"box b": {"type": "box", "name": "b", "status": "ready",
                                          "parent": "lid l"},
                                "lid l": {"type": "lid", "name": "l", "status": "ready",
                                          "parent": "box b"}})"),
          with(R"("resources": {}, "outputs": [{"members": 1}])"),
          with(R"("resources": {}, "outputs": [{}])")}) {
        try {
            parse(text);
            FAIL() << text;
        } catch (const DamagedState& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("s3://bucket/nimbus/shop/dev/us-east-1/"))
                << text;
            EXPECT_THAT(error.hint(), testing::HasSubstr("nimbus unlock --project shop")) << text;
        }
    }
}

TEST(State, OfAnotherDeploymentIsRefused)
{
    auto state = example();
    state.deployment.project = "other";
    try {
        parse(to_json(state, "r1"));
        FAIL();
    } catch (const DamagedState& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("it is the state of other (dev, us-east-1), "
                                                     "not of shop (dev, us-east-1)"));
    }
}

} // namespace
} // namespace nimbus::deploy
