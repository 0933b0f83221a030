#pragma once

#include "base/mutex.h"
#include "deploy/world.h"

#include <iterator>
#include <map>
#include <memory>
#include <typeindex>
#include <vector>

namespace nimbus::deploy {

/// What several resources are read from, such as a list that AWS gives: fetched once. Each kind
/// brings a class of its own, which is made with the World when it is first asked for. Lives as
/// long as one look at the world. Thread-safe, and so has to be each part.
class Reads {
public:
    explicit Reads(World& world) : world_(world) {}

    template <class Part>
    Part& of()
    {
        const MutexLock lock(mutex_);
        auto& part = parts_[typeid(Part)];
        if (!part)
            part = std::make_shared<Part>(world_);
        return *static_cast<Part*>(part.get());
    }

private:
    World& world_;
    Mutex mutex_;
    std::map<std::type_index, std::shared_ptr<void>> parts_ NIMBUS_GUARDED_BY(mutex_);
};

/// The items of all pages; none when what they belong to does not exist.
template <class Item, class Operation>
std::vector<Item> all_items(World& world, const Operation& operation)
{
    std::vector<Item> items;
    try {
        world.for_each_page(operation, [&](typename Operation::Response page) {
            items.insert(items.end(), std::make_move_iterator(page.items.begin()),
                         std::make_move_iterator(page.items.end()));
        });
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
    return items;
}

} // namespace nimbus::deploy
