#pragma once

#include "base/log.h"
#include "base/mutex.h"

#include <string>
#include <vector>

namespace nimbus {

/// A log for tests, which keeps its lines. Outlives those who write to it.
class TestLog {
public:
    Log log(LogLevel level = LogLevel::debug)
    {
        return {level, [this](LogLevel, const std::string& line) {
                    const MutexLock lock(mutex_);
                    lines_.push_back(line);
                }};
    }

    std::vector<std::string> lines() const
    {
        const MutexLock lock(mutex_);
        return lines_;
    }

    /// The last line; empty while there is none.
    std::string last() const
    {
        const MutexLock lock(mutex_);
        return lines_.empty() ? "" : lines_.back();
    }

private:
    mutable Mutex mutex_;
    std::vector<std::string> lines_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus
