// Whatever a server answers to libnimbus, and however it is cut into pieces: the same answers come
// out, and nothing is held beyond the limits.

#include "base/error.h"
#include "io/http_answer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using nimbus::detail::HttpAnswerReader;

constexpr std::size_t body_limit = 64;

struct Outcome {
    std::vector<std::string> answers;
    bool malformed = false;

    bool operator==(const Outcome&) const = default;
};

class NoMoreBytes : public std::runtime_error {
public:
    NoMoreBytes() : std::runtime_error("no more bytes") {}
};

Outcome read(std::string_view bytes, std::size_t piece)
{
    HttpAnswerReader reader("the server", body_limit);
    Outcome outcome;
    const auto receive = [&](std::string& to) {
        if (bytes.empty())
            throw NoMoreBytes();
        const auto count = std::min(piece, bytes.size());
        to += bytes.substr(0, count);
        bytes.remove_prefix(count);
    };
    try {
        for (;;) {
            const auto answer = reader.next(receive);
            if (answer.status < 200 || answer.body.size() > body_limit)
                __builtin_trap();
            auto text = std::to_string(answer.status);
            for (const auto& [name, value] : answer.headers)
                text += '\n' + name + ':' + value;
            outcome.answers.push_back(text + "\n\n" + answer.body);
        }
    } catch (const nimbus::Error&) {
        outcome.malformed = true;
    } catch (const NoMoreBytes&) {
        // The connection ended in the middle of an answer or between two.
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read(bytes, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {1u, 2u, 7u})
        if (read(bytes, piece) != whole)
            __builtin_trap();
    return 0;
}
