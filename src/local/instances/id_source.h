#pragma once

#include "base/time.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace nimbus::local {

/// Random identifiers out of a stock of the kernel's random bytes: an invocation needs 36 of them,
/// and three system calls would cost more than all else that is done for it before it leaves.
class IdSource {
public:
    /// A version 4 UUID, lower case with dashes.
    std::string uuid();
    /// Lower-case hexadecimal digits of `bytes` random bytes.
    std::string hex(std::size_t bytes);
    /// The form of X-Ray's tracing header: Root=1-<time>-<id>;Parent=<id>;Sampled=0.
    std::string trace_id(SystemTime now);

private:
    std::string_view take(std::size_t bytes);

    std::string stock_;
    std::size_t used_ = 0;
};

} // namespace nimbus::local
