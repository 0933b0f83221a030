#pragma once

#include "deploy/plan.h"
#include "deploy/status.h"

#include <functional>
#include <vector>

namespace nimbus::deploy {

/// What carries out one step; throws when it fails. The engine's talks to AWS, a test's does not.
class StepRunner {
public:
    virtual ~StepRunner() = default;
    /// Returns what was done: the step's action, or keep where the thing turned out to be somebody
    /// else's.
    virtual Action run(const Step& step) = 0;
};

struct Execution {
    Changes changes;
    std::vector<FailedStep> failures;
    bool is_complete = false; ///< every step was run, and succeeded
};

/// Runs the plan's steps, at most `parallel` at a time, each after those it has to wait for. After
/// a failure, a Stopped, or when `stop` says true, what is under way ends and nothing new starts.
/// Stopped is no failure: the execution is just not complete.
Execution execute(const Plan& plan, StepRunner& runner, Status& status, int parallel,
                  const std::function<bool()>& stop);

} // namespace nimbus::deploy
