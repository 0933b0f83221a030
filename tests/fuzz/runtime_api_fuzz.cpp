// Whatever a function's process sends to the Runtime API, and however it is cut into pieces: the
// same requests come out, bodies are as long as they are said to be, and nothing is held beyond the
// limit.

#include "local/runtime_api/request_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using nimbus::local::RequestReader;

constexpr std::size_t body_limit = 64;

struct Outcome {
    std::vector<std::string> requests;
    bool malformed = false;

    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t piece)
{
    RequestReader reader(body_limit);
    Outcome outcome;
    while (!bytes.empty() && !outcome.malformed) {
        const auto space = reader.space();
        if (space.empty())
            __builtin_trap();
        const auto count = std::min({bytes.size(), piece, space.size()});
        std::copy_n(bytes.begin(), count, space.begin());
        reader.received(count);
        bytes.remove_prefix(count);
        for (;;) {
            const auto step = reader.next();
            reader.take_expectation();
            outcome.malformed = step == RequestReader::Step::malformed;
            if (step != RequestReader::Step::complete)
                break;
            const auto& request = reader.request();
            const bool is_kept = request.body_bytes <= body_limit;
            if (request.body.size() != (is_kept ? request.body_bytes : 0))
                __builtin_trap();
            outcome.requests.push_back(request.method + ' ' + request.target + ' ' +
                                       request.error_type + ' ' + request.body);
        }
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read(bytes, size);
    for (const std::size_t piece : {1u, 2u, 7u})
        if (read(bytes, piece) != whole)
            __builtin_trap();
    return 0;
}
