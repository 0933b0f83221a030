#include "base/described.h"

#include <boost/describe/class.hpp>
#include <gmock/gmock.h>

namespace nimbus {
namespace {

struct Limits {
    int memory_megabytes = 256;
    std::optional<bool> is_reserved;

    bool operator==(const Limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(Limits, (), (memory_megabytes, is_reserved))

struct Function {
    std::string function_name;
    std::map<std::string, std::string> environment;
    std::vector<std::string> layers;
    Limits limits;
    json::value policy;

    bool operator==(const Function&) const = default;
};
BOOST_DESCRIBE_STRUCT(Function, (), (function_name, environment, layers, limits, policy))

const Function example{.function_name = "users",
                       .environment = {{"SOME_NAME", "v"}},
                       .layers = {"a", "b"},
                       .limits = {.memory_megabytes = 512},
                       .policy = json::object{{"Version", "2012-10-17"}}};

TEST(Described, StructsAreObjectsWithNamesInCamelCase)
{
    const json::object expected{{"functionName", "users"},
                                {"environment", json::object{{"SOME_NAME", "v"}}},
                                {"layers", json::array{"a", "b"}},
                                {"limits", json::object{{"memoryMegabytes", 512}}},
                                {"policy", json::object{{"Version", "2012-10-17"}}}};
    EXPECT_EQ(described::to_json(example), expected);
}

TEST(Described, StructsSurviveTheirJson)
{
    EXPECT_EQ(described::from_json<Function>(described::to_json(example), "it"), example);
}

TEST(Described, WhatIsMissingKeepsItsDefault)
{
    const auto function = described::from_json<Function>(json::object{}, "it");
    EXPECT_EQ(function.limits.memory_megabytes, 256);
    EXPECT_EQ(function.limits.is_reserved, std::nullopt);
}

TEST(Described, AValueOfAnotherTypeIsRefusedWithItsPath)
{
    try {
        described::from_json<Function>(
            json::object{{"limits", json::object{{"memoryMegabytes", "much"}}}}, "the record");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "the record.limits.memoryMegabytes must be a whole number");
    }
}

TEST(Described, WhatIsReadOverAStructLeavesItsOtherMembers)
{
    auto function = example;
    described::read_over(json::object{{"functionName", "orders"}, {"layers", json::array{"c"}}},
                         "it", function);
    auto expected = example;
    expected.function_name = "orders";
    expected.layers = {"c"};
    EXPECT_EQ(function, expected);
}

TEST(Described, AMemberHasTheNameThatItHasInJson)
{
    EXPECT_EQ(described::member_name(&Function::function_name), "functionName");
    EXPECT_EQ(described::member_name(&Limits::is_reserved), "isReserved");
}

} // namespace
} // namespace nimbus
