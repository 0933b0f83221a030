#include "base/test_log.h"
#include "local/faults/fault_injector.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace nimbus::local {
namespace {

using testing::HasSubstr;

FaultSettings settings_of(Fault fault, const char* rate, std::uint32_t seed = 1)
{
    FaultSettings settings{.seed = seed};
    settings.rate(fault) = *Rate::parse(rate);
    return settings;
}

std::vector<bool> draws(std::uint32_t seed, Fault fault, const char* rate, std::uint64_t events)
{
    std::vector<bool> drawn;
    for (std::uint64_t event = 0; event < events; ++event)
        drawn.push_back(draws_fault(seed, fault, event, *Rate::parse(rate)));
    return drawn;
}

std::int64_t count(const std::vector<bool>& drawn)
{
    return std::ranges::count(drawn, true);
}

TEST(FaultDraw, TheSameSeedGivesTheSameFaults)
{
    // Written down: they must not differ between versions and machines, either.
    std::vector<std::uint64_t> struck;
    for (std::uint64_t event = 0; event < 100; ++event)
        if (draws_fault(7, Fault::conflict, event, *Rate::parse("5%")))
            struck.push_back(event);
    EXPECT_THAT(struck, testing::ElementsAre(25U, 66U));
}

TEST(FaultDraw, AnotherSeedOrKindOfFaultGivesOthers)
{
    const auto drawn = draws(1, Fault::conflict, "50%", 1'000);
    EXPECT_NE(drawn, draws(2, Fault::conflict, "50%", 1'000));
    EXPECT_NE(drawn, draws(1, Fault::disconnect, "50%", 1'000));
}

TEST(FaultDraw, ComesNearToItsRate)
{
    for (const auto fault : all_faults) {
        const auto often = static_cast<double>(count(draws(3, fault, "5%", 100'000)));
        EXPECT_NEAR(often, 5'000, 300) << name_of(fault);
        const auto rarely = static_cast<double>(count(draws(3, fault, "0.1%", 100'000)));
        EXPECT_NEAR(rarely, 100, 40) << name_of(fault);
    }
}

TEST(FaultDraw, NeverAndAlwaysAreCertain)
{
    EXPECT_EQ(count(draws(9, Fault::throttle, "0%", 10'000)), 0);
    EXPECT_EQ(count(draws(9, Fault::throttle, "100%", 10'000)), 10'000);
}

TEST(FaultDraw, AHigherRateKeepsTheFaultsOfALowerOne)
{
    const auto few = draws(4, Fault::conflict, "1%", 10'000);
    const auto many = draws(4, Fault::conflict, "10%", 10'000);
    for (std::size_t event = 0; event < few.size(); ++event)
        EXPECT_TRUE(!few[event] || many[event]);
}

TEST(FaultInjector, IsOffAtFirst)
{
    FaultInjector injector;
    EXPECT_FALSE(injector.is_on());
    EXPECT_FALSE(injector.strikes(Fault::conflict, {}));
    EXPECT_EQ(injector.report().counts[0].events, 0U);
}

TEST(FaultInjector, CountsAndLogsWhatItInjects)
{
    TestLog log;
    FaultInjector injector;
    injector.set(settings_of(Fault::conflict, "100%"));
    EXPECT_TRUE(injector.strikes(Fault::conflict, log.log(), {{"connection_id", "c0ffee"}}));
    EXPECT_FALSE(injector.strikes(Fault::disconnect, log.log()));
    const auto counts = injector.report().counts;
    EXPECT_EQ(counts[0].events, 1U);
    EXPECT_EQ(counts[0].injected, 1U);
    EXPECT_EQ(counts[1].events, 0U);
    ASSERT_EQ(log.lines().size(), 1U);
    EXPECT_THAT(log.last(), HasSubstr("level=info"));
    EXPECT_THAT(log.last(), HasSubstr("message=\"A fault was injected on demand\" fault=conflicts "
                                      "connection_id=c0ffee"));
}

TEST(FaultInjector, NewSettingsBeginAnew)
{
    FaultInjector injector;
    const auto settings = settings_of(Fault::conflict, "30%", 11);
    const auto run = [&] {
        injector.set(settings);
        std::vector<bool> struck;
        for (int event = 0; event < 200; ++event)
            struck.push_back(injector.strikes(Fault::conflict, {}));
        return struck;
    };
    EXPECT_EQ(run(), run());
    injector.set({});
    EXPECT_FALSE(injector.is_on());
    EXPECT_EQ(injector.report().counts[0].events, 0U);
}

TEST(FaultInjector, ThreadsShareOneSequence)
{
    FaultInjector injector;
    injector.set(settings_of(Fault::throttle, "20%", 5));
    constexpr int events_each = 500;
    {
        std::vector<std::jthread> threads;
        for (int each = 0; each < 4; ++each)
            threads.emplace_back([&] {
                for (int event = 0; event < events_each; ++event)
                    injector.strikes(Fault::throttle, {});
            });
    }
    const auto count_of = injector.report().counts[static_cast<std::size_t>(Fault::throttle)];
    EXPECT_EQ(count_of.events, 4U * events_each);
    EXPECT_EQ(static_cast<std::int64_t>(count_of.injected),
              count(draws(5, Fault::throttle, "20%", 4 * events_each)));
}

} // namespace
} // namespace nimbus::local
