#pragma once

#include "base/unique_fd.h"

#include <cstddef>
#include <sys/types.h>

namespace nimbus::local {

/// How much memory a process has in use, as the kernel counts it (proc(5), statm): a microsecond
/// per question. A limit on the address space would not do instead: Node and the sanitizers reserve
/// terabytes that they never touch.
class ResidentMemory {
public:
    ResidentMemory() = default;
    explicit ResidentMemory(pid_t process);

    /// Bytes; 0 when the process is gone.
    std::size_t sample();
    /// The largest sample so far.
    std::size_t peak() const noexcept { return peak_; }

private:
    UniqueFd statm_;
    std::size_t peak_ = 0;
};

} // namespace nimbus::local
