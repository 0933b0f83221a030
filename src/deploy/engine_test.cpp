#include "deploy/engine.h"
#include "deploy/test_cloud.h"

#include <gtest/gtest.h>

#include <deque>

namespace nimbus::deploy {
namespace {

using testing_cloud::CloudProcess;
using testing_cloud::Person;

constexpr aws::OperationInfo create_thing{aws::services::lambda, "CreateThing",
                                          aws::Effect::change_once};

/// What becomes of a call.
enum class Fate { succeeds, loses_answer, never_arrives, is_refused_as_repetition };

/// A service that has one thing at most.
struct Service {
    bool has_thing = false;
    std::deque<Fate> fates; ///< of the next calls; the others succeed
    int calls = 0;

    void change(bool makes_thing)
    {
        ++calls;
        const auto fate = fates.empty() ? Fate::succeeds : fates.front();
        if (!fates.empty())
            fates.pop_front();
        if (fate != Fate::never_arrives)
            has_thing = makes_thing;
        if (fate == Fate::is_refused_as_repetition)
            throw aws::ApiError(create_thing, 400,
                                {.code = "InvalidRequest", .after_lost_answer = true});
        if (fate != Fate::succeeds)
            throw aws::AnswerLost("no answer");
    }
};

/// Functions of a ResourceType have nothing but their arguments.
Service& service()
{
    static Service only;
    return only;
}

const Kinds& kinds()
{
    static const Kinds all(
        {{.name = "thing",
          .types = {{.name = "thing",
                     .read = [](World&, Reads&, const Subject&) -> std::optional<Observed> {
                         if (!service().has_thing)
                             return {};
                         return Observed{.outputs = {{"id", "found"}}};
                     },
                     .differences = [](const json::object&,
                                       const Observed&) { return std::vector<std::string>(); },
                     .create =
                         [](World&, const Subject&, const json::object&) {
                             service().change(true);
                             return json::object{{"id", "made"}};
                         },
                     .destroy =
                         [](World&, const Subject&) {
                             if (service().has_thing)
                                 service().change(false);
                         }}}}});
    return all;
}

class EngineTest : public testing::Test {
protected:
    EngineTest() { service() = {}; }

    /// Runs one step; returns what the state has of the thing afterwards.
    std::optional<json::object> run(Action action)
    {
        Plan plan;
        plan.steps.push_back({.action = action,
                              .type = &kinds().type("thing"),
                              .is_declared = action != Action::remove,
                              .node = {.type = "thing", .name = "x"}});
        plan.after.emplace_back();
        State state{.deployment = person_.id, .account_id = "123456789012"};
        if (action == Action::remove)
            state.records["thing x"] = {.type = "thing", .name = "x", .is_ours = true};
        StateStore store(world_);
        store.load();
        Journal journal(store, state);
        journal.begin(plan);
        AwsStepRunner(world_, journal).run(plan.steps.front());
        const auto after = journal.state();
        const auto* record = after.find("thing x");
        return record == nullptr ? std::nullopt : std::optional(record->outputs);
    }

    CloudProcess cloud_;
    Person person_{cloud_};
    Status status_;
    World world_{kinds(), person_.target(), person_.id, status_};
};

TEST_F(EngineTest, LooksForWhatACallMadeWhoseAnswerWasLost)
{
    service().fates = {Fate::loses_answer};
    EXPECT_EQ(run(Action::create), (json::object{{"id", "found"}}));
    EXPECT_EQ(service().calls, 1);
}

TEST_F(EngineTest, TriesAgainWhenItFindsNothing)
{
    service().fates = {Fate::never_arrives};
    EXPECT_EQ(run(Action::create), (json::object{{"id", "made"}}));
    EXPECT_EQ(service().calls, 2);
}

TEST_F(EngineTest, LooksAgainWhenADeletionIsRefusedThatMayBeARepetition)
{
    service().has_thing = true;
    service().fates = {Fate::is_refused_as_repetition};
    EXPECT_FALSE(run(Action::remove));
    EXPECT_EQ(service().calls, 1);
}

} // namespace
} // namespace nimbus::deploy
