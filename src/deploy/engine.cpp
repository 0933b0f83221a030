#include "deploy/engine.h"

#include "base/assert.h"
#include "base/backoff.h"
#include "base/text.h"
#include "deploy/observe.h"
#include "deploy/tag_patience.h"

#include <algorithm>
#include <thread>

namespace nimbus::deploy {
namespace {

/// How often one step meets what an earlier call made, or loses an answer, before it fails.
constexpr int most_surprises = 5;
/// About three seconds in all.
constexpr int most_looks = 5;
constexpr Backoff look_pauses{.first = std::chrono::milliseconds(100),
                              .longest = std::chrono::milliseconds(2'000)};

/// Nothing of what made it is still under way.
bool is_settled(const Observed& observed)
{
    return observed.broken.empty() && observed.condition == Observed{}.condition;
}

/// How many resources of equal failures are named.
constexpr std::size_t most_named = 5;

std::string names_of(const std::vector<std::string>& resources)
{
    const auto named = std::min(resources.size(), most_named);
    auto text =
        join({resources.begin(), resources.begin() + static_cast<std::ptrdiff_t>(named)}, ", ");
    if (named < resources.size())
        text += " and " + std::to_string(resources.size() - named) + " more";
    return text;
}

/// One line for those that failed with the same words, such as one denial for all functions.
std::string describe(const std::vector<FailedStep>& steps)
{
    std::vector<std::pair<const FailedStep*, std::vector<std::string>>> groups;
    for (const auto& step : steps) {
        const auto alike = std::ranges::find_if(groups, [&](const auto& group) {
            return group.first->verb == step.verb && group.first->message == step.message;
        });
        auto& group =
            alike == groups.end() ? groups.emplace_back(&step, std::vector<std::string>{}) : *alike;
        group.second.push_back(step.resource);
    }
    std::string text;
    for (const auto& [step, resources] : groups)
        text += (text.empty() ? "" : "\n") + std::string("Cannot ") + step->verb + ' ' +
                names_of(resources) + ": " + step->message;
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

Action AwsStepRunner::run(const Step& step)
{
    NIMBUS_ASSERT(step.action != Action::keep, "what stays as it is has no step to run");
    NIMBUS_ASSERT(step.is_declared || step.action == Action::remove,
                  "what is no longer declared is only ever deleted");
    if (step.action == Action::remove)
        return remove(step);
    const auto subject = journal_.subject(step);
    const auto& type = *step.type;
    std::optional<Observed> present;
    if (const auto* found = step.present())
        present = *found;
    if (step.action == Action::replace) {
        auto old = subject;
        old.outputs = merged(std::move(old.outputs), present->outputs);
        destroy(type, old);
        present.reset();
    }
    const auto inputs = journal_.resolve(step.node.inputs);
    journal_.succeeded(step, establish(step, subject, inputs, std::move(present)));
    return step.action;
}

Action AwsStepRunner::remove(const Step& step)
{
    auto subject = journal_.subject(step);
    const auto& type = *step.type;
    auto done = step.action;
    try {
        if (!subject.is_recorded)
            complete_attempt(type, subject);
        destroy(type, subject);
    } catch (const LostTags&) {
        throw;
    } catch (const NotOurs& stranger) {
        world_.status().note("Leaving " + key_of(type.name, subject.name) +
                             " alone: " + stranger.what());
        done = Action::keep;
    }
    journal_.removed(step);
    return done;
}

void AwsStepRunner::complete_attempt(const ResourceType& type, Subject& subject)
{
    Reads reads(world_);
    // Also where nothing is found: there may be parts of it, such as a claim.
    if (const auto present = type.read(world_, reads, subject))
        subject.outputs = merged(std::move(subject.outputs), present->outputs);
}

/// From what is there, `present` or nothing, to what is wanted; returns the outputs.
json::object AwsStepRunner::establish(const Step& step, const Subject& subject,
                                      const json::object& inputs, std::optional<Observed> present)
{
    const auto& type = *step.type;
    for (int surprises = 1;; ++surprises) {
        try {
            if (!present)
                return type.create(world_, subject, inputs);
            return merged(present->outputs, type.update(world_, subject, inputs, *present));
        } catch (const aws::AnswerLost&) {
            if (surprises == most_surprises)
                throw;
            present = look_again(step, subject, false);
        } catch (const aws::ApiError& error) {
            const bool is_there = error.is_conflict();
            if (!(is_there || error.outcome_is_unknown()) || surprises == most_surprises)
                throw;
            present = look_again(step, subject, is_there);
            if (is_there && !present)
                throw;
        }
        if (present && is_settled(*present) && type.differences(inputs, *present).empty())
            return present->outputs;
    }
}

void AwsStepRunner::destroy(const ResourceType& type, const Subject& subject)
{
    until_tags_show(world_, [&] {
        try {
            type.destroy(world_, subject);
        } catch (const aws::ApiError& error) {
            if (!error.outcome_is_unknown())
                throw;
            type.destroy(world_, subject); // looks first
        }
    });
}

/// What an earlier call made. Throws Error when it is somebody else's.
std::optional<Observed> AwsStepRunner::look_again(const Step& step, const Subject& subject,
                                                  bool is_there)
{
    const auto look = [&] {
        Reads reads(world_);
        return step.type->read(world_, reads, subject);
    };
    // AWS's lists may not have yet what was made a moment ago.
    auto present = look();
    for (int failures = 1; !present && !is_there && failures <= most_looks; ++failures) {
        std::this_thread::sleep_for(look_pauses.pause(failures));
        present = look();
    }
    return present;
}

namespace {

/// What AWS tells only now of the things that were made, by one look for all.
void learn(World& world, const Plan& plan, Journal& journal)
{
    Reads reads(world);
    for (const auto& step : plan.steps)
        if (step.type->learn != nullptr && is_new_life(step.action))
            journal.learned(step, step.type->learn(world, reads, journal.subject(step)));
}

} // namespace

Lock::Options lock_options(const Options& options, const std::string& operation)
{
    return {.holder = options.holder, .operation = operation, .timeout = options.lock_timeout};
}

Changes carry_out(World& world, const Plan& plan, Journal& journal, Lock& lock,
                  const Options& options)
{
    journal.begin(plan);
    AwsStepRunner runner(world, journal);
    auto execution = execute(plan, runner, world.status(), options.parallel, [&] {
        return lock.lost() || journal.failed() || world.interrupted();
    });
    if (lock.lost())
        lock.check(); // throws, and says why
    try {
        journal.flush();
    } catch (const LockLost&) {
        throw;
    } catch (const Error& error) {
        execution.failures.push_back({.verb = "write",
                                      .resource = "the state",
                                      .message = error.what(),
                                      .hint = error.hint()});
    }
    if (!execution.failures.empty())
        throw DeployFailed(std::move(execution.failures));
    if (!execution.is_complete)
        throw Interrupted("Interrupted; what was done is recorded");
    learn(world, plan, journal);
    return execution.changes;
}

} // namespace nimbus::deploy
