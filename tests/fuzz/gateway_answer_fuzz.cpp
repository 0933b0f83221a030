// What functions answer becomes an HTTP answer or nothing; no answer can break its framing.

#include "local/gateway/answer.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::local::gateway;
    const std::string_view payload(reinterpret_cast<const char*>(data), size);
    for (const auto format : {PayloadFormat::v1, PayloadFormat::v2}) {
        const auto response = decode_answer(payload, format);
        if (!response)
            continue;
        if (response->status < 200 || response->status > 599)
            std::abort();
        for (const auto& [name, value] : response->headers)
            if (name.empty() || name.find_first_of("\r\n: ") != std::string::npos ||
                value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
                std::abort();
    }
    return 0;
}
