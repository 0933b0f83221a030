#include "local/faults/fault_injector.h"

namespace nimbus::local {
namespace {

/// SplitMix64's output function (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014): spreads neighbouring numbers evenly.
std::uint64_t mix(std::uint64_t value) noexcept
{
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

} // namespace

bool draws_fault(std::uint32_t seed, Fault fault, std::uint64_t event, Rate rate) noexcept
{
    const auto stream = mix((std::uint64_t{seed} << 8) | static_cast<std::uint8_t>(fault));
    return mix(stream + event) % Rate::always < rate.millionths();
}

void FaultInjector::set(const FaultSettings& settings)
{
    const MutexLock lock(mutex_);
    report_ = {.settings = settings};
    is_on_.store(!settings.is_off(), std::memory_order_relaxed);
}

FaultReport FaultInjector::report() const
{
    const MutexLock lock(mutex_);
    return report_;
}

std::chrono::milliseconds FaultInjector::delay() const
{
    const MutexLock lock(mutex_);
    return report_.settings.delay;
}

bool FaultInjector::draw(Fault fault, const Log& log, LogFields fields)
{
    {
        const MutexLock lock(mutex_);
        const auto& settings = report_.settings;
        if (settings.rate(fault).is_never())
            return false;
        auto& count = report_.counts[static_cast<std::size_t>(fault)];
        if (!draws_fault(settings.seed, fault, count.events++, settings.rate(fault)))
            return false;
        ++count.injected;
    }
    log.with({{"fault", name_of(fault)}}).info("A fault was injected on demand", fields);
    return true;
}

} // namespace nimbus::local
