#include "base/pipe.h"

#include "base/error.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace nimbus {

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_system_error(errno, "Cannot create a pipe");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

} // namespace nimbus
