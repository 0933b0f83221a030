// The lock is an object that anyone who may write to the bucket can have written: whatever the
// bytes, parse_lock says what is wrong with it or returns what survives a round trip.

#include "deploy/lock_object.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::deploy;
    const auto lock = parse_lock(std::string(reinterpret_cast<const char*>(data), size));
    if (!lock.damage.empty())
        return 0;
    const auto again = parse_lock(lock_text(lock));
    if (!again.damage.empty() || again.id != lock.id || again.holder != lock.holder ||
        again.since != lock.since || again.process != lock.process)
        std::abort();
    return 0;
}
