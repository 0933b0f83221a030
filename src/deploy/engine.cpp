#include "deploy/engine.h"

#include "base/assert.h"
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

void AwsStepRunner::run(const Step& step)
{
    NIMBUS_ASSERT(step.action != Action::keep, "what stays as it is has no step to run");
    NIMBUS_ASSERT(step.is_declared || step.action == Action::remove,
                  "what is no longer declared is only ever deleted");
    if (step.action == Action::remove) {
        remove(step);
        return;
    }
    const auto subject = journal_.subject(step);
    const auto& type = *step.type;
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
    journal_.succeeded(step, create(step, subject, inputs));
}

void AwsStepRunner::remove(const Step& step)
{
    auto subject = journal_.subject(step);
    if (subject.is_recorded || !is_strangers(*step.type, subject))
        step.type->destroy(world_, subject);
    journal_.removed(step);
}

bool AwsStepRunner::is_strangers(const ResourceType& type, Subject& subject)
{
    try {
        Reads reads(world_);
        // Also where nothing is found: there may be parts of it, such as a claim.
        if (const auto present = type.read(world_, reads, subject))
            subject.outputs = merged(std::move(subject.outputs), present->outputs);
        return false;
    } catch (const NotOurs& stranger) {
        world_.status().note("Leaving " + key_of(type.name, subject.name) +
                             " alone: " + stranger.what());
        return true;
    }
}

json::object AwsStepRunner::create(const Step& step, const Subject& subject,
                                   const json::object& inputs)
{
    const auto& type = *step.type;
    try {
        return type.create(world_, subject, inputs);
    } catch (const aws::ApiError& error) {
        if (!error.is_conflict())
            throw;
        // Throws NotOurs when it is somebody else's.
        Reads reads(world_);
        const auto present = type.read(world_, reads, subject);
        if (!present)
            throw;
        auto outputs = merged(present->outputs, type.update(world_, subject, inputs, *present));
        return outputs;
    }
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
        throw Error("The lock was lost during the run: somebody removed it, or it could not be "
                    "renewed",
                    "Make sure that no other deploy is running, and run the command again.");
    if (!execution.is_complete)
        throw Interrupted("Interrupted; what was done is recorded");
    return execution.changes;
}

} // namespace nimbus::deploy
