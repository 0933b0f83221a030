#include "local/services/timer_thread.h"

#include <gmock/gmock.h>

#include <future>

namespace nimbus::local {
namespace {

TEST(TimerThread, WorksAtOnceAndAgainWhenTheWorkSays)
{
    std::promise<void> third;
    int calls = 0;
    const TimerThread thread(
        [&]() -> std::optional<SystemTime> {
            if (++calls < 3)
                return system_now() + std::chrono::milliseconds(1);
            third.set_value();
            return std::nullopt;
        },
        system_now, {});
    third.get_future().get();
}

TEST(TimerThread, WorksAgainWhenItIsWoken)
{
    std::promise<void> second;
    std::promise<void> first;
    int calls = 0;
    TimerThread thread(
        [&]() -> std::optional<SystemTime> {
            (++calls == 1 ? first : second).set_value();
            return std::nullopt;
        },
        system_now, {});
    first.get_future().get();
    thread.wake();
    second.get_future().get();
}

TEST(TimerThread, IsWokenByItsOwnWork)
{
    std::promise<void> second;
    int calls = 0;
    TimerThread* self = nullptr;
    std::promise<void> is_made;
    TimerThread thread(
        [&]() -> std::optional<SystemTime> {
            if (++calls == 1) {
                is_made.get_future().get();
                self->wake();
            } else {
                second.set_value();
            }
            return std::nullopt;
        },
        system_now, {});
    self = &thread;
    is_made.set_value();
    second.get_future().get();
}

TEST(TimerThread, TellsWhatItsWorkThrows)
{
    std::promise<std::string> told;
    const TimerThread thread(
        []() -> std::optional<SystemTime> { throw std::runtime_error("The disk is full"); },
        system_now,
        Log(LogLevel::error, [&](LogLevel, const std::string& line) { told.set_value(line); }));
    EXPECT_THAT(told.get_future().get(), testing::HasSubstr("reason=\"The disk is full\""));
}

} // namespace
} // namespace nimbus::local
