#include "base/error.h"
#include "cli/fault_options.h"

#include <gmock/gmock.h>

#include <functional>

namespace nimbus::cli {
namespace {

using local::Fault;
using testing::HasSubstr;
using testing::StartsWith;

local::FaultSettings read(std::string_view list)
{
    return fault_settings_of(fault_list("--faults", list));
}

std::string refusal(const std::function<void()>& act)
{
    try {
        act();
        return "none";
    } catch (const UsageError& error) {
        return error.what();
    }
}

TEST(FaultOptions, AListNamesFaultsWithTheirRates)
{
    const auto settings = read("conflicts=5%,slow-statements=0.5%,delay=2s,seed=7");
    EXPECT_EQ(describe(settings), "conflicts 5%, slow-statements 0.5% (2000 ms), seed 7");
}

TEST(FaultOptions, AFaultWithoutARateAlwaysHappens)
{
    EXPECT_EQ(read("expired-tokens").rate(Fault::expired_token).text(), "100%");
}

TEST(FaultOptions, OffIsAListToo)
{
    EXPECT_EQ(read("off"), local::FaultSettings{});
    EXPECT_EQ(read("conflicts=0%,seed=7"), local::FaultSettings{});
}

TEST(FaultOptions, WithoutASeedOneIsMadeUp)
{
    const auto first = read("conflicts=5%").seed;
    bool differs = false;
    for (int attempt = 0; attempt < 10 && !differs; ++attempt)
        differs = read("conflicts=5%").seed != first;
    EXPECT_TRUE(differs);
}

TEST(FaultOptions, WhatIsWrongIsNamed)
{
    const auto list = [](std::string_view text) { return refusal([&] { read(text); }); };
    EXPECT_EQ(list("conflicts=5"),
              "conflicts in --faults must be a percentage from 0% to 100%, not '5'");
    EXPECT_EQ(list("conflicts=101%"),
              "conflicts in --faults must be a percentage from 0% to 100%, not '101%'");
    EXPECT_EQ(list("conflict=5%"), "--faults does not know 'conflict'");
    EXPECT_EQ(list("conflicts=5%,"), "--faults does not know ''");
    EXPECT_EQ(list("slow-statements=5%,delay=0ms"),
              "delay in --faults must be a time from 1ms to 300s, not '0ms'");
    EXPECT_EQ(list("slow-statements=5%,delay=5m"),
              "delay in --faults must be a time from 1ms to 300s, not '5m'");
    EXPECT_EQ(list("conflicts=5%,delay=1s"), "delay in --faults needs slow-statements in --faults");
    EXPECT_EQ(list("conflicts=5%,seed=-1"),
              "seed in --faults must be a whole number from 0 to 4294967295, not '-1'");
    EXPECT_EQ(list("seed=7"), "seed in --faults needs a fault");
}

TEST(FaultOptions, AMistypedNameIsGuessed)
{
    const auto hint = [](std::string_view text) {
        try {
            read(text);
            return std::string();
        } catch (const UsageError& error) {
            return error.hint();
        }
    };
    EXPECT_THAT(hint("conflict=5%"), StartsWith("Did you mean 'conflicts'? It is a list such as"));
    EXPECT_THAT(hint("conflicts=5%,sed=7"), StartsWith("Did you mean 'seed'?"));
    EXPECT_THAT(hint("earthquakes"), StartsWith("It is a list such as"));
}

TEST(FaultOptions, OptionsOfTheirOwnAreCalledByTheirNames)
{
    EXPECT_THAT(refusal([] { fault_settings_of({.rates = {{"throttles", "lots"}}}); }),
                HasSubstr("--throttles must be a percentage"));
}

} // namespace
} // namespace nimbus::cli
