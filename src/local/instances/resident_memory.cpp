#include "local/instances/resident_memory.h"

#include "base/number.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string>
#include <string_view>
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
    // In pages: "size resident shared …" (proc(5)).
    std::string_view fields(text.data(), static_cast<std::size_t>(got));
    fields.remove_prefix(std::min(fields.find(' ') + 1, fields.size()));
    const auto resident = take_number<std::size_t>(fields).value_or(0) * page;
    peak_ = std::max(peak_, resident);
    return resident;
}

} // namespace nimbus::local
