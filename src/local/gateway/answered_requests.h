#pragma once

#include "base/mutex.h"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

struct AnsweredRequest {
    std::string invocation_id; ///< of the function that was asked, as its log has it
    int status = 0;            ///< of the answer, HTTP's
};

/// What HTTP APIs answered lately, which no log of a function tells: `nimbus dev` shows it beside
/// the invocation. Thread-safe.
class AnsweredRequests {
public:
    static constexpr std::size_t most = 1'000;

    void add(std::string_view invocation_id, int status) NIMBUS_EXCLUDES(mutex_);
    /// The last ones, the newest at the end.
    std::vector<AnsweredRequest> list() const NIMBUS_EXCLUDES(mutex_);

private:
    mutable Mutex mutex_;
    std::deque<AnsweredRequest> requests_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::local
