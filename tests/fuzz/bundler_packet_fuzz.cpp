// What esbuild sends: whatever the bytes, they are no packet, or one that is the same when it is
// sent and read again.

#include "base/error.h"
#include "frontends/bundler_packet.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::frontends;
    std::string read(reinterpret_cast<const char*>(data), size);
    while (const auto frame = take_frame(read)) {
        try {
            const auto packet = decode_packet(*frame);
            auto sent = encode_packet(packet);
            const auto again = decode_packet(take_frame(sent).value());
            if (!sent.empty() || again.id != packet.id || again.is_request != packet.is_request ||
                again.value != packet.value)
                std::abort();
        } catch (const nimbus::Error&) {
            continue; // it is none
        }
    }
    return 0;
}
