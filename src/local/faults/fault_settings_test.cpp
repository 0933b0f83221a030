#include "base/error.h"
#include "local/faults/fault_settings.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

FaultSettings example()
{
    FaultSettings settings{.delay = std::chrono::milliseconds{250}, .seed = 7};
    settings.rate(Fault::conflict) = *Rate::parse("5%");
    settings.rate(Fault::slow_statement) = *Rate::parse("0.5%");
    return settings;
}

std::string refusal(std::string_view document)
{
    try {
        fault_settings_from_json(parse_json(document, "the test's document").as_object());
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Rate, IsAPercentage)
{
    EXPECT_EQ(Rate::parse("5%")->millionths(), 50'000U);
    EXPECT_EQ(Rate::parse("0.0001%")->millionths(), 1U);
    EXPECT_EQ(Rate::parse("100%")->millionths(), Rate::always);
    EXPECT_TRUE(Rate::parse("0%")->is_never());
    EXPECT_EQ(Rate::parse("0.5%")->text(), "0.5%");
    EXPECT_EQ(Rate::parse("5%")->text(), "5%");
}

TEST(Rate, IsNothingElse)
{
    for (const auto* text : {"", "%", "5", "0.05", "5 %", "-1%", "100.1%", "nan%", "inf%", "x%",
                             "5%%", "0.00001%", "1/20"})
        EXPECT_FALSE(Rate::parse(text)) << text;
}

TEST(FaultSettings, AreOffUnlessToldOtherwise)
{
    EXPECT_TRUE(FaultSettings{}.is_off());
    EXPECT_FALSE(example().is_off());
}

TEST(FaultSettings, EachFaultHasAName)
{
    for (const auto fault : all_faults)
        EXPECT_EQ(fault_named(name_of(fault)), fault);
    EXPECT_FALSE(fault_named("conflict"));
}

TEST(FaultSettings, SurviveTheWayThroughJson)
{
    const auto document = to_json(example());
    EXPECT_EQ(compact_json(document),
              R"({"faults":[{"fault":"conflicts","percent":5},)"
              R"({"fault":"slow-statements","percent":0.5}],"delayMilliseconds":250,"seed":7})");
    EXPECT_EQ(fault_settings_from_json(document), example());
}

TEST(FaultSettings, AreDescribedInALine)
{
    EXPECT_EQ(describe(example()), "conflicts 5%, slow-statements 0.5% (250 ms), seed 7");
}

TEST(FaultSettings, WhatIsWrongInADocumentIsNamed)
{
    EXPECT_EQ(refusal("{}"), "'faults' must be a list");
    EXPECT_EQ(refusal(R"({"faults":[1]})"), "Each of 'faults' must be an object");
    EXPECT_EQ(refusal(R"({"faults":[{"fault":"fires","percent":1}]})"),
              "There is no fault 'fires'");
    EXPECT_EQ(refusal(R"({"faults":[{"fault":"conflicts"}]})"),
              "'percent' of the fault 'conflicts' must be a number");
    EXPECT_EQ(refusal(R"({"faults":[{"fault":"conflicts","percent":101}]})"),
              "'percent' of the fault 'conflicts' must be a number from 0 to 100");
    EXPECT_EQ(refusal(R"({"faults":[],"delayMilliseconds":0,"seed":1})"),
              "'delayMilliseconds' must be a whole number from 1 to 300000");
    EXPECT_EQ(refusal(R"({"faults":[],"delayMilliseconds":1,"seed":-1})"),
              "'seed' must be a whole number from 0 to 4294967295");
}

} // namespace
} // namespace nimbus::local
