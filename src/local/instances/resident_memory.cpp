#include "local/instances/resident_memory.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace nimbus::local {

ResidentMemory::ResidentMemory(pid_t process)
    : statm_(::open(("/proc/" + std::to_string(process) + "/statm").c_str(), O_RDONLY | O_CLOEXEC))
{
}

std::size_t ResidentMemory::sample()
{
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::array<char, 128> text;
    const auto got = ::pread(statm_.get(), text.data(), text.size(), 0);
    if (got <= 0)
        return 0;
    const char* end = text.data() + got;
    const char* second = std::find<const char*>(text.data(), end, ' ');
    std::size_t pages = 0;
    if (second != end)
        std::from_chars(second + 1, end, pages);
    peak_ = std::max(peak_, pages * page);
    return pages * page;
}

} // namespace nimbus::local
