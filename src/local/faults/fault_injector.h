#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "local/faults/fault_settings.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace nimbus::local {

/// Does this fault happen at its `event`-th opportunity, from 0 on? The answer depends on these
/// four alone: the same seed gives the same faults in the same sequence of events.
bool draws_fault(std::uint32_t seed, Fault fault, std::uint64_t event, Rate rate) noexcept;

struct FaultCount {
    std::uint64_t events = 0;   ///< opportunities since the settings were made
    std::uint64_t injected = 0; ///< of these, faults
};

using FaultCounts = std::array<FaultCount, all_faults.size()>;

struct FaultReport {
    FaultSettings settings;
    FaultCounts counts{};
};

/// Decides which events of the local cloud become faults. One for a cloud, off until it is told
/// otherwise. Thread-safe; while it is off, a question costs one relaxed load.
class FaultInjector {
public:
    /// Replaces the settings and begins to count anew.
    void set(const FaultSettings& settings);
    FaultReport report() const;

    /// An opportunity for that fault: does it happen? If so, it is counted and told in `log` with
    /// these fields.
    bool strikes(Fault fault, const Log& log, LogFields fields = {})
    {
        return is_on() && draw(fault, log, fields);
    }
    bool is_on() const noexcept { return is_on_.load(std::memory_order_relaxed); }
    /// Of slow statements.
    std::chrono::milliseconds delay() const;

private:
    bool draw(Fault fault, const Log& log, LogFields fields);

    std::atomic<bool> is_on_ = false;
    mutable Mutex mutex_;
    FaultReport report_ NIMBUS_GUARDED_BY(mutex_);
};

/// The injector as one session sees it: with the log that tells of the session.
class FaultPoint {
public:
    /// Nothing happens.
    FaultPoint() : FaultPoint(std::make_shared<FaultInjector>(), {}) {}
    FaultPoint(std::shared_ptr<FaultInjector> injector, Log log)
        : injector_(std::move(injector)), log_(std::move(log))
    {
    }

    bool strikes(Fault fault) const { return injector_->strikes(fault, log_); }
    bool is_on() const noexcept { return injector_->is_on(); }
    std::chrono::milliseconds delay() const { return injector_->delay(); }

private:
    std::shared_ptr<FaultInjector> injector_;
    Log log_;
};

} // namespace nimbus::local
