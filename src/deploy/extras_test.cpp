#include "deploy/extras.h"

#include <boost/describe/class.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Box {
    struct Outputs {
        std::string serial;
        std::string owner;
        std::string shelf;
    };
    static constexpr std::string_view name = "box";
    using Inputs = Outputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Box>> read(World&, Reads&, const SubjectOf<Box>&);
    static Outputs create(World&, const SubjectOf<Box>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Box>&, const Inputs&, const ObservedOf<Box>&);
    static void destroy(World&, const SubjectOf<Box>&);
    static std::string id(const Outputs& outputs);
};
BOOST_DESCRIBE_STRUCT(Box::Outputs, (), (serial, owner, shelf))

struct Lid : Box {
    static constexpr std::string_view name = "lid";
    using Parent = Box;

    static std::optional<ObservedOf<Lid>> read(World&, Reads&, const SubjectOf<Lid>&);
    static Outputs create(World&, const SubjectOf<Lid>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Lid>&, const Inputs&, const ObservedOf<Lid>&);
    static void destroy(World&, const SubjectOf<Lid>&);
};

State recorded()
{
    State state;
    state.records["box a"] = {
        .type = "box", .name = "a", .outputs = {{"serial", "1"}, {"owner", "old"}}};
    state.records["box gone"] = {.type = "box", .name = "gone", .outputs = {{"serial", "2"}}};
    state.records["lid of a"] = {.type = "lid", .name = "of a", .parent = "box a"};
    return state;
}

Step declared(std::string name, json::object identity, std::optional<Observed> observed)
{
    return {.node = {.type = "box", .name = std::move(name), .identity = std::move(identity)},
            .observed = std::move(observed)};
}

/// "name serial owner shelf"
std::vector<std::string> boxes(const Present& present)
{
    std::vector<std::string> texts;
    for (const auto& [name, outputs, parent] : present.of<Box>())
        texts.push_back(name + ' ' + outputs.serial + ' ' + outputs.owner + ' ' + outputs.shelf);
    return texts;
}

TEST(Present, IsWhatIsRecordedWhereThereIsNoPlan)
{
    const auto state = recorded();
    const Present present(state);
    EXPECT_THAT(boxes(present), ElementsAre("a 1 old ", "gone 2  "));
    ASSERT_EQ(present.of<Lid>().size(), 1U);
    EXPECT_EQ(present.of<Lid>().front().parent.value().serial, "1");
}

TEST(Present, KnowsBestWhatWasReadThenWhatIsDeclaredThenWhatIsRecorded)
{
    const auto state = recorded();
    Plan plan;
    plan.steps.push_back(declared("a", {{"owner", "declared"}, {"shelf", "declared"}},
                                  Observed{.outputs = {{"shelf", "read"}}}));
    EXPECT_THAT(boxes(Present(state, &plan)), ElementsAre("a 1 declared read", "gone 2  "));
}

TEST(Present, IsNothingThatIsDeclaredAndWasNotFound)
{
    const auto state = recorded();
    Plan plan;
    plan.steps.push_back(declared("a", {}, {}));
    plan.steps.push_back(declared("new", {}, {}));
    const Present present(state, &plan);
    EXPECT_THAT(boxes(present), ElementsAre("gone 2  "));
    EXPECT_FALSE(present.of<Lid>().front().parent);
}

/// It is still there, and nobody's addition.
TEST(Present, IsAPartOfSomethingThatIsMadeAnewToo)
{
    const State state;
    Plan plan;
    plan.steps.push_back(declared("a", {}, Observed{.outputs = {{"serial", "1"}}}));
    plan.steps.back().goes_with_whole = true;
    EXPECT_THAT(boxes(Present(state, &plan)), ElementsAre("a 1  "));
}

TEST(Present, HasNothingOfATypeThatNobodyHas)
{
    const State state;
    EXPECT_THAT(Present(state).of<Box>(), IsEmpty());
}

} // namespace
} // namespace nimbus::deploy
