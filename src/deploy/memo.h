#pragma once

#include "base/mutex.h"

#include <exception>
#include <future>
#include <map>
#include <string>

namespace nimbus::deploy {

/// Loads a value once per key, whoever asks first; the others wait for it. Thread-safe.
template <class Value>
class Memo {
public:
    /// Throws what `load` threw, to all who ask.
    template <class Load>
    const Value& get(const std::string& key, Load load)
    {
        std::promise<Value> promise;
        MutexLock lock(mutex_);
        const auto [entry, is_first] = values_.try_emplace(key);
        if (is_first)
            entry->second = promise.get_future().share();
        const auto value = entry->second;
        lock.unlock();
        if (is_first) {
            try {
                promise.set_value(load());
            } catch (...) {
                promise.set_exception(std::current_exception());
            }
        }
        return value.get();
    }

private:
    Mutex mutex_;
    std::map<std::string, std::shared_future<Value>> values_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::deploy
