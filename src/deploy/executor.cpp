#include "deploy/executor.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/mutex.h"

namespace nimbus::deploy {
namespace {

/// What goes along with a step is done as it is.
void count(Changes& changes, const Step& step, Action done)
{
    for (std::size_t i = 0; i <= step.takes_along.size(); ++i)
        changes.count(done);
}

/// Of the exception that is handled.
FailedStep failed_step(const Step& step, const std::exception& error)
{
    const auto* ours = dynamic_cast<const Error*>(&error);
    return {.verb = verb(step.action),
            .resource = step.key(),
            .message = error.what(),
            .hint = ours == nullptr ? std::string() : ours->hint(),
            .cause = std::current_exception()};
}

double seconds_since(Deadline::SteadyClock::time_point start)
{
    return std::chrono::duration<double>(Deadline::SteadyClock::now() - start).count();
}

} // namespace

Execution execute(const Plan& plan, StepRunner& runner, Status& status, int parallel,
                  const std::function<bool()>& stop)
{
    NIMBUS_ASSERT(plan.after.size() == plan.steps.size(), "each step says what it waits for");
    Execution execution;
    Mutex mutex;
    std::size_t finished = 0;
    status.plan(plan.count_changes());
    run_tasks(plan.after, parallel, [&](std::size_t i) {
        const auto& step = plan.steps[i];
        auto done = step.action;
        if (step.action != Action::keep) {
            if (stop())
                return false;
            const auto what = verb(step.action);
            const auto start = Deadline::SteadyClock::now();
            status.started(what, step.key());
            try {
                done = runner.run(step);
            } catch (const Stopped&) {
                status.failed(what, step.key());
                return false;
            } catch (const std::exception& error) {
                status.failed(what, step.key());
                const MutexLock lock(mutex);
                execution.failures.push_back(failed_step(step, error));
                return false;
            }
            status.finished(verb(done), step.key(), seconds_since(start));
        }
        const MutexLock lock(mutex);
        count(execution.changes, step, done);
        ++finished;
        return true;
    });
    execution.is_complete = finished == plan.steps.size();
    return execution;
}

} // namespace nimbus::deploy
