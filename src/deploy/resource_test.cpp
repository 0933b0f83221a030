#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;

struct BoxInputs {
    int size = 0;
    std::string shelf_id;
    std::optional<std::string> colour; ///< nobody can read it back
};
BOOST_DESCRIBE_STRUCT(BoxInputs, (), (size, shelf_id, colour))

struct BoxSettings {
    bool is_sealed = false;
    std::vector<std::string> labels;
};
BOOST_DESCRIBE_STRUCT(BoxSettings, (), (is_sealed, labels))

struct BoxOutputs {
    std::string serial;
    std::string owner;
};
BOOST_DESCRIBE_STRUCT(BoxOutputs, (), (serial, owner))

/// Is found to be of size 2, called after what is known of it, and with two labels by somebody.
struct Box {
    static constexpr std::string_view name = "box";
    using Inputs = BoxInputs;
    using Settings = BoxSettings;
    using Outputs = BoxOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Box>> read(World&, Reads&, const SubjectOf<Box>& subject)
    {
        if (subject.outputs.serial.empty())
            return {};
        return ObservedOf<Box>{.inputs = {.size = 2, .shelf_id = "s", .colour = {}},
                               .outputs = {.serial = subject.outputs.serial, .owner = {}},
                               .settings = {.labels = {"fragile", "heavy"}}};
    }
    static BoxOutputs create(World&, const SubjectOf<Box>&, const BoxInputs& inputs)
    {
        return {.serial = inputs.shelf_id + '-' + std::to_string(inputs.size), .owner = {}};
    }
    static BoxOutputs update(World&, const SubjectOf<Box>&, const BoxInputs&,
                             const ObservedOf<Box>& observed)
    {
        return observed.outputs;
    }
    static void destroy(World&, const SubjectOf<Box>&) {}
    static std::string id(const BoxOutputs& outputs) { return outputs.serial; }
};

/// The functions of Box use no world.
World& no_world()
{
    static char nothing[sizeof(World)];
    return reinterpret_cast<World&>(nothing);
}

NodeOf<Box> wanted()
{
    return {.name = "top",
            .identity = {.serial = {}, .owner = "me"},
            .inputs = {.size = 3, .shelf_id = "s", .colour = "red"}};
}

TEST(TypedResource, WritesWhatIsWantedAndKnown)
{
    const auto node = wanted().node();
    EXPECT_EQ(node.key(), "box top");
    EXPECT_EQ(node.identity, (json::object{{"owner", "me"}}));
    EXPECT_EQ(node.inputs, (json::object{{"size", 3}, {"shelfId", "s"}, {"colour", "red"}}));
}

TEST(TypedResource, ComparesOnlyWhatCanBeRead)
{
    const auto type = resource_type<Box>();
    Reads reads(no_world());
    const auto observed = type.read(no_world(), reads, {.outputs = {{"serial", "b-1"}}});
    ASSERT_TRUE(observed);
    EXPECT_THAT(type.differences(wanted().node().inputs, *observed),
                ElementsAre("size: 2 -> 3", "labels: fragile, heavy -> none"));
}

TEST(TypedResource, KnowsWhatSomebodyChangedWithoutTheProgram)
{
    const auto type = resource_type<Box>();
    Reads reads(no_world());
    const auto observed = type.read(no_world(), reads, {.outputs = {{"serial", "b-1"}}});
    ASSERT_TRUE(observed);
    EXPECT_THAT(type.altered_settings(*observed), ElementsAre("labels: fragile, heavy -> none"));
}

TEST(TypedResource, DoesNotOverwriteWhatIsKnownWithWhatIsNot)
{
    const auto outputs = resource_type<Box>().create(no_world(), {}, wanted().node().inputs);
    EXPECT_EQ(outputs, (json::object{{"serial", "s-3"}}));
    EXPECT_EQ(resource_type<Box>().id(outputs), "s-3");
}

TEST(TypedResource, AReferenceNamesTheOutputAsTheStateHasIt)
{
    EXPECT_EQ(output_of<Box>("top", &BoxOutputs::serial), output_of("box top", "serial"));
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
                testing::UnorderedElementsAre("memory: 256 -> 512", "environment NEW: added",
                                              "environment OTHER: changed",
                                              "environment OLD: removed", "policy: missing"));
}

TEST(CompareInputs, SaysNoneOfAnEmptySide)
{
    EXPECT_THAT(compare_inputs({{"description", "Signs"}, {"key", ""}},
                               {{"description", ""}, {"key", "k"}}),
                testing::UnorderedElementsAre("description: none -> Signs", "key: k -> none"));
}

TEST(CompareInputs, ShowsListsOfTexts)
{
    EXPECT_THAT(compare_inputs({{"layers", json::array{}}, {"groups", json::array{"a", "b"}}},
                               {{"layers", json::array{"l"}}, {"groups", json::array{"a"}}}),
                testing::UnorderedElementsAre("layers: l -> none", "groups: a -> a, b"));
}

TEST(ResourceKeys, AreTakenApartAsTheyWerePutTogether)
{
    EXPECT_EQ(type_and_name(key_of("route", "web GET /users/{id}")),
              (std::pair<std::string_view, std::string_view>("route", "web GET /users/{id}")));
    EXPECT_EQ(type_and_name(""), (std::pair<std::string_view, std::string_view>()));
}

} // namespace
} // namespace nimbus::deploy
