#include "deploy/journal.h"

#include "base/assert.h"
#include "base/random.h"
#include "deploy/observe.h"
#include "deploy/references.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

using RecordStatus = Record::Status;

/// Results gather that long before they are written, and twice as long each time: a long deploy has
/// a large state. What a killed one did not write, the next one reads from AWS.
constexpr std::chrono::milliseconds first_gathering{100};
constexpr std::chrono::milliseconds longest_gathering{5'000};

/// A resource that gets a new life gets a new nonce, unless an earlier deploy began that life.
bool starts_new_life(const Step& step, const Record* record)
{
    if (record == nullptr || step.action == Action::replace)
        return true;
    return step.action == Action::create && record->status != RecordStatus::creating;
}

RecordStatus intended(const Step& step)
{
    switch (step.action) {
    case Action::create:
    case Action::replace:
        return RecordStatus::creating;
    case Action::update:
        return RecordStatus::updating;
    case Action::remove:
        return RecordStatus::deleting;
    case Action::keep:
        break;
    }
    return RecordStatus::ready;
}

std::vector<std::string> united(std::vector<std::string> keys, const std::vector<std::string>& more)
{
    for (const auto& key : more)
        if (std::ranges::find(keys, key) == keys.end())
            keys.push_back(key);
    return keys;
}

void intend(State& state, const Step& step)
{
    const auto key = step.key();
    const auto* known = state.find(key);
    const bool is_new = starts_new_life(step, known);
    Record record = known == nullptr ? Record{} : *known;
    record.type = step.node.type;
    record.name = step.node.name;
    record.parent = step.node.parent;
    if (is_new) {
        record.nonce = random_uuid();
        record.outputs.clear();
        record.is_ours = false;
    }
    // Until it is changed it uses what it used before.
    record.depends_on = step.action == Action::keep ? step.node.needs()
                                                    : united(step.node.needs(), record.depends_on);
    record.outputs = merged(std::move(record.outputs), step.node.identity);
    if (const auto* present = step.present(); present && step.action != Action::replace) {
        record.outputs = merged(std::move(record.outputs), present->outputs);
        record.is_ours = true; // somebody else's could not have been read
    }
    record.status = intended(step);
    state.records[key] = std::move(record);
}

} // namespace

State with_intents(State state, const Plan& plan)
{
    for (const auto& step : plan.steps) {
        if (step.is_declared) {
            intend(state, step);
            continue;
        }
        const auto status =
            step.action == Action::remove ? RecordStatus::deleting : RecordStatus::kept;
        state.records.at(step.key()).status = status;
        for (const auto& key : step.takes_along)
            state.records.at(key).status = status;
    }
    return state;
}

Journal::Journal(StateStore& store, State state)
    : store_(store), state_(std::move(state)), writer_([this] { run(); })
{
}

Journal::~Journal()
{
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    writer_.join();
}

void Journal::begin(const Plan& plan)
{
    {
        const MutexLock lock(mutex_);
        state_ = with_intents(std::move(state_), plan);
        mark_changed();
    }
    flush();
}

void Journal::succeeded(const Step& step, const json::object& outputs)
{
    const MutexLock lock(mutex_);
    auto& record = state_.records.at(step.key());
    NIMBUS_ASSERT(record.status == RecordStatus::creating ||
                      record.status == RecordStatus::updating,
                  "what succeeds was intended, and written so, before");
    record.outputs = merged(std::move(record.outputs), outputs);
    record.depends_on = step.node.needs();
    record.status = RecordStatus::ready;
    record.is_ours = true;
    mark_changed();
}

void Journal::learned(const Step& step, const json::object& outputs)
{
    const MutexLock lock(mutex_);
    auto& record = state_.records.at(step.key());
    NIMBUS_ASSERT(record.status == RecordStatus::ready, "what is learned is about what was made");
    record.outputs = merged(std::move(record.outputs), outputs);
    mark_changed();
}

void Journal::removed(const Step& step)
{
    const MutexLock lock(mutex_);
    NIMBUS_ASSERT(state_.records.at(step.key()).status == RecordStatus::deleting,
                  "what is deleted was meant to be, and written so, before");
    state_.records.erase(step.key());
    for (const auto& key : step.takes_along)
        state_.records.erase(key);
    mark_changed();
}

void Journal::forget(const std::set<std::string>& keys)
{
    const MutexLock lock(mutex_);
    for (const auto& key : keys)
        state_.records.erase(key);
    mark_changed();
}

void Journal::mark_changed()
{
    ++wanted_;
    changed_.notify_one();
}

void Journal::flush()
{
    MutexLock lock(mutex_);
    const auto target = wanted_;
    hurry_ = true;
    changed_.notify_one();
    while (!failure_ && done_ < target)
        written_.wait(lock);
    if (failure_)
        std::rethrow_exception(failure_);
}

void Journal::finish(std::optional<Outputs> outputs)
{
    bool is_empty = false;
    {
        const MutexLock lock(mutex_);
        state_.outputs = std::move(outputs);
        is_empty = state_.records.empty() && !state_.outputs;
        if (!is_empty)
            mark_changed();
    }
    flush();
    if (is_empty)
        store_.remove();
}

Subject Journal::subject(const Step& step) const
{
    const MutexLock lock(mutex_);
    const auto& record = state_.records.at(step.key());
    Subject subject{.name = record.name,
                    .nonce = record.nonce,
                    .is_recorded = step.is_recorded,
                    .outputs = record.outputs};
    if (const auto* parent = state_.find(record.parent))
        subject.parent_outputs = parent->outputs;
    return subject;
}

json::object Journal::resolve(const json::object& inputs) const
{
    const MutexLock lock(mutex_);
    return deploy::resolve(
        inputs, [this](auto key, auto name) NIMBUS_REQUIRES(mutex_) -> const json::value* {
            const auto* record = state_.find(std::string(key));
            return record == nullptr ? nullptr : record->outputs.if_contains(name);
        });
}

State Journal::state() const
{
    const MutexLock lock(mutex_);
    return state_;
}

bool Journal::failed() const
{
    const MutexLock lock(mutex_);
    return failure_ != nullptr;
}

void Journal::run()
{
    auto gathering = first_gathering;
    MutexLock lock(mutex_);
    for (;;) {
        while (!stopping_ && done_ >= wanted_)
            changed_.wait(lock);
        if (stopping_ || failure_)
            return;
        const auto gathered = Deadline::SteadyClock::now() + gathering;
        gathering = std::min(2 * gathering, longest_gathering);
        while (!stopping_ && !hurry_ && changed_.wait_until(lock, gathered))
            continue;
        const auto target = wanted_;
        const auto state = state_;
        hurry_ = false;
        lock.unlock();
        std::exception_ptr failure;
        try {
            store_.save(state);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        failure_ = failure;
        done_ = target;
        written_.notify_all();
    }
}

} // namespace nimbus::deploy
