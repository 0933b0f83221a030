#include "deploy/engine.h"

#include "deploy/observe.h"

namespace nimbus::deploy {
namespace {

std::string describe(const std::vector<FailedStep>& steps)
{
    std::string text;
    for (const auto& step : steps)
        text += (text.empty() ? "" : "\n") + std::string("Cannot ") + step.verb + ' ' +
                step.resource + ": " + step.message;
    return text;
}

std::string hints(const std::vector<FailedStep>& steps)
{
    std::string text;
    for (const auto& step : steps)
        if (!step.hint.empty() && text.find(step.hint) == std::string::npos)
            text += (text.empty() ? "" : "\n") + step.hint;
    return text;
}

} // namespace

DeployFailed::DeployFailed(std::vector<FailedStep> steps)
    : Error(describe(steps), hints(steps)), steps_(std::move(steps))
{
}

void SerialStatus::phase(const std::string& sentence)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->phase(sentence);
}

void SerialStatus::plan(int steps)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->plan(steps);
}

void SerialStatus::started(const std::string& verb, const std::string& resource)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->started(verb, resource);
}

void SerialStatus::finished(const std::string& verb, const std::string& resource, double seconds)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->finished(verb, resource, seconds);
}

void SerialStatus::failed(const std::string& verb, const std::string& resource)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->failed(verb, resource);
}

void SerialStatus::note(const std::string& sentence)
{
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr)
        listener_->note(sentence);
}

void AwsStepRunner::run(const Step& step)
{
    const auto subject = journal_.subject(step);
    const auto& type = *step.type;
    if (step.action == Action::remove) {
        type.destroy(world_, subject);
        journal_.removed(step);
        return;
    }
    const auto inputs = journal_.resolve(step.node.inputs);
    if (step.action == Action::update) {
        journal_.succeeded(step, type.update(world_, subject, inputs, *step.observed));
        return;
    }
    if (step.action == Action::replace) {
        auto old = subject;
        old.outputs = merged(std::move(old.outputs), step.observed->outputs);
        type.destroy(world_, old);
    }
    journal_.succeeded(step, type.create(world_, subject, inputs));
}

Lock::Options lock_options(const Options& options, const std::string& operation)
{
    return {.holder = options.holder, .operation = operation, .timeout = options.lock_timeout};
}

Changes carry_out(World& world, const Plan& plan, Journal& journal, const Lock& lock,
                  const Options& options)
{
    journal.begin(plan);
    AwsStepRunner runner(world, journal);
    auto execution = execute(plan, runner, world.status(), options.parallel, [&] {
        return lock.lost() || journal.failed() || world.interrupted();
    });
    try {
        journal.flush();
    } catch (const Error& error) {
        execution.failures.push_back({.verb = "write",
                                      .resource = "the state",
                                      .message = error.what(),
                                      .hint = error.hint()});
    }
    if (!execution.failures.empty())
        throw DeployFailed(std::move(execution.failures));
    if (lock.lost())
        throw Error("The lock was taken away in the middle: somebody removed it, or it could not "
                    "be renewed",
                    "See that no other deploy is running, and run the command again.");
    if (!execution.is_complete)
        throw Interrupted("Interrupted; what was done is recorded");
    return execution.changes;
}

} // namespace nimbus::deploy
