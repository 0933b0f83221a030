#include "deploy/executor.h"

#include "base/error.h"

#include <mutex>

namespace nimbus::deploy {
namespace {

std::string verb_of(Action action)
{
    switch (action) {
    case Action::create:
        return "create";
    case Action::update:
        return "update";
    case Action::replace:
        return "replace";
    case Action::remove:
        return "delete";
    case Action::keep:
        break;
    }
    return "keep";
}

void count(Changes& changes, const Step& step)
{
    switch (step.action) {
    case Action::create:
        ++changes.created;
        break;
    case Action::update:
    case Action::replace:
        ++changes.updated;
        break;
    case Action::remove:
        changes.deleted += 1 + static_cast<int>(step.takes_along.size());
        break;
    case Action::keep:
        ++changes.unchanged;
        break;
    }
}

FailedStep failed_step(const Step& step, const std::exception& error)
{
    const auto* ours = dynamic_cast<const Error*>(&error);
    return {.verb = verb_of(step.action),
            .resource = step.key(),
            .message = error.what(),
            .hint = ours == nullptr ? std::string() : ours->hint()};
}

double seconds_since(Deadline::SteadyClock::time_point start)
{
    return std::chrono::duration<double>(Deadline::SteadyClock::now() - start).count();
}

} // namespace

Execution execute(const Plan& plan, StepRunner& runner, Status& status, int parallel,
                  const std::function<bool()>& stop)
{
    Execution execution;
    std::mutex mutex;
    std::size_t finished = 0;
    status.plan(plan.count_changes());
    run_tasks(plan.after, parallel, [&](std::size_t i) {
        const auto& step = plan.steps[i];
        if (step.action != Action::keep) {
            if (stop())
                return false;
            const auto verb = verb_of(step.action);
            const auto start = Deadline::SteadyClock::now();
            status.started(verb, step.key());
            try {
                runner.run(step);
            } catch (const std::exception& error) {
                status.failed(verb, step.key(), error.what());
                const std::lock_guard lock(mutex);
                execution.failures.push_back(failed_step(step, error));
                return false;
            }
            status.finished(verb, step.key(), seconds_since(start));
        }
        const std::lock_guard lock(mutex);
        count(execution.changes, step);
        ++finished;
        return true;
    });
    execution.is_complete = finished == plan.steps.size();
    return execution;
}

} // namespace nimbus::deploy
