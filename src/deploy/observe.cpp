#include "deploy/observe.h"

#include "base/mutex.h"
#include "deploy/kind.h"
#include "deploy/tag_patience.h"

#include <exception>
#include <unordered_map>
#include <utility>

namespace nimbus::deploy {
namespace {

class Observer {
public:
    Observer(World& world, Reads& reads, const std::vector<Node>& nodes, const State& state,
             std::map<std::string, std::string>* problems, Observations known = {})
        : world_(world), reads_(reads), nodes_(nodes), state_(state), problems_(problems),
          known_(std::move(known)), found_(nodes.size()), after_(nodes.size())
    {
        std::unordered_map<std::string, std::size_t> places;
        places.reserve(nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i)
            places[nodes[i].key()] = i;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (const auto parent = places.find(nodes[i].parent); parent != places.end())
                after_[i].push_back(parent->second);
    }

    Observations run(int parallel)
    {
        run_tasks(after_, parallel, [this](std::size_t i) { return observe_safely(i); });
        if (failure_)
            std::rethrow_exception(failure_);
        Observations observations;
        observations.reserve(nodes_.size());
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            observations.emplace(nodes_[i].key(), std::move(found_[i]));
        return observations;
    }

private:
    bool observe_safely(std::size_t i)
    {
        try {
            found_[i] = observe_one(i);
            return true;
        } catch (const std::exception& error) {
            const MutexLock lock(mutex_);
            if (problems_ != nullptr)
                problems_->emplace(nodes_[i].key(), error.what());
            else if (!failure_)
                failure_ = std::current_exception();
            return problems_ != nullptr;
        }
    }

    std::optional<Observed> observe_one(std::size_t i)
    {
        const auto& node = nodes_[i];
        if (const auto known = known_.find(node.key()); known != known_.end())
            return std::move(known->second);
        Subject subject{.name = node.name};
        if (const auto* record = state_.find(node.key())) {
            subject.is_recorded = record->is_ours;
            subject.nonce = record->nonce;
            subject.outputs = record->outputs;
        }
        subject.outputs = merged(std::move(subject.outputs), node.identity);
        if (!after_[i].empty()) {
            const auto& parent = found_[after_[i].front()];
            if (!parent)
                return {};
            subject.parent_outputs = parent->outputs;
        }
        const auto& type = world_.kinds().type(node.type);
        bool is_first = true;
        return until_tags_show(world_, [&] {
            Reads anew(world_);
            auto& reads = std::exchange(is_first, false) ? reads_ : anew;
            return type.read(world_, reads, subject);
        });
    }

    World& world_;
    Reads& reads_;
    const std::vector<Node>& nodes_;
    const State& state_;
    std::map<std::string, std::string>* problems_; ///< null: failures end it
    Observations known_;                           ///< each taken by one task
    std::vector<std::optional<Observed>> found_;   ///< each written by one task
    Prerequisites after_;
    Mutex mutex_;
    std::exception_ptr failure_; ///< written under the mutex, read when all tasks ended
};

} // namespace

Observations observe(World& world, Reads& reads, const std::vector<Node>& nodes, const State& state,
                     int parallel, Observations known)
{
    return Observer(world, reads, nodes, state, nullptr, std::move(known)).run(parallel);
}

Observations observe(World& world, Reads& reads, const std::vector<Node>& nodes, const State& state,
                     int parallel, std::map<std::string, std::string>& problems)
{
    return Observer(world, reads, nodes, state, &problems).run(parallel);
}

std::vector<Node> recorded_nodes(const State& state)
{
    std::vector<Node> nodes;
    for (const auto& [key, record] : state.records)
        nodes.push_back({.type = record.type, .name = record.name, .parent = record.parent});
    return nodes;
}

json::object merged(json::object base, const json::object& more)
{
    for (const auto& [key, value] : more)
        base[key] = value;
    return base;
}

} // namespace nimbus::deploy
