#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

namespace nimbus::local::dsql {

/// What the names of prepared statements mean to whom everything sent so far will be done: of what
/// the server leaves out after an error, nothing stays. A Value that is false means nothing.
template <typename Value>
class PreparedNames {
public:
    Value find(const std::string& name) const
    {
        const auto found = values_.find(name);
        return found == values_.end() ? Value{} : found->second;
    }

    /// Sent with that batch; batches have ascending numbers.
    void set(std::size_t batch, std::string name, Value value)
    {
        changes_.push_back({batch, std::move(name), {}});
        auto& change = changes_.back();
        change.before = exchange(change.name, std::move(value));
        change.is_one = true;
    }
    /// Sent with that batch, and answered like a change, but none.
    void pass(std::size_t batch) { changes_.push_back({batch, {}, {}}); }

    /// The oldest change was answered.
    void confirm() noexcept
    {
        if (!changes_.empty())
            changes_.pop_front();
    }
    /// The batch and all before it were answered.
    void settle(std::size_t batch) noexcept
    {
        while (!changes_.empty() && changes_.front().batch <= batch)
            changes_.pop_front();
    }
    /// Of the batch, what was not answered was not done.
    void fail(std::size_t batch)
    {
        auto end = changes_.begin();
        while (end != changes_.end() && end->batch <= batch)
            ++end;
        for (auto change = end; change != changes_.begin();)
            if (--change; change->is_one)
                undo(change);
        changes_.erase(changes_.begin(), end);
    }

private:
    struct Change {
        std::size_t batch = 0;
        std::string name;
        Value before{};
        bool is_one = false;
    };
    using Changes = std::deque<Change>;

    Value exchange(const std::string& name, Value value)
    {
        if (!value) {
            const auto node = values_.extract(name);
            return node.empty() ? Value{} : std::move(node.mapped());
        }
        return std::exchange(values_[name], std::move(value));
    }

    void undo(typename Changes::iterator change)
    {
        for (auto later = std::next(change); later != changes_.end(); ++later)
            if (later->is_one && later->name == change->name) {
                later->before = std::move(change->before);
                return;
            }
        exchange(change->name, std::move(change->before));
    }

    std::unordered_map<std::string, Value> values_;
    Changes changes_; ///< that are not answered, in their order
};

} // namespace nimbus::local::dsql
