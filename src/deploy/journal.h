#pragma once

#include "base/mutex.h"
#include "deploy/plan.h"
#include "deploy/state_store.h"

#include <exception>
#include <thread>

namespace nimbus::deploy {

/// The state with the plan as intended: records of what is to be made, changed and deleted say so,
/// those that stay are as they were found. For a plan that changes nothing it is the final state.
State with_intents(State state, const Plan& plan);

/// The state while a plan is carried out. All intents are written, in one write, before the first
/// step; results are written as they come, several at once where steps run in parallel. A result
/// that a killed deploy did not get to write is found by reading back. Thread-safe.
class Journal {
public:
    /// `store` has loaded the state that `state` was.
    Journal(StateStore& store, State state);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Returns when the intents are written. Throws Error.
    void begin(const Plan& plan);
    void succeeded(const Step& step, const json::object& outputs);
    /// More of what a step made that succeeded.
    void learned(const Step& step, const json::object& outputs);
    /// With what it takes along.
    void removed(const Step& step);
    /// Drops records of things that stay, but are no longer this deployment's.
    void forget(const std::set<std::string>& keys);
    /// Waits until all is written. Throws Error when it cannot be.
    void flush();
    /// The last write: `outputs` as those of the deployment, or none. A state without resources is
    /// removed.
    void finish(std::optional<Outputs> outputs);

    /// What a step's type gets to see.
    Subject subject(const Step& step) const;
    /// `inputs` with the outputs that are known by now.
    json::object resolve(const json::object& inputs) const;
    State state() const;
    /// The state could not be written: stop.
    bool failed() const;

private:
    void run();
    void mark_changed() NIMBUS_REQUIRES(mutex_);

    StateStore& store_;
    mutable Mutex mutex_;
    ConditionVariable changed_;
    ConditionVariable written_;
    State state_ NIMBUS_GUARDED_BY(mutex_);
    std::exception_ptr failure_ NIMBUS_GUARDED_BY(mutex_);
    std::uint64_t wanted_ NIMBUS_GUARDED_BY(mutex_) = 0; ///< changes so far
    std::uint64_t done_ NIMBUS_GUARDED_BY(mutex_) = 0;   ///< changes that are written
    bool hurry_ NIMBUS_GUARDED_BY(mutex_) = false;       ///< somebody waits
    bool stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread writer_;
};

} // namespace nimbus::deploy
