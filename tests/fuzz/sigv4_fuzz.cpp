#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

std::string_view take_line(std::string_view& text)
{
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

/// Method, path, query and headers, each on a line of its own; the rest is the body.
nimbus::sigv4::Request take_request(std::string_view& text)
{
    nimbus::sigv4::Request request;
    request.method = take_line(text);
    request.path = take_line(text);
    request.query = take_line(text);
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.empty())
            break;
        const auto colon = line.find(':');
        request.headers.emplace_back(line.substr(0, colon), colon == std::string_view::npos
                                                                ? std::string_view()
                                                                : line.substr(colon + 1));
    }
    return request;
}

} // namespace

/// No request makes the verifier fail, and none is accepted with a key that nobody has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::sigv4;
    std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto request = take_request(body);
    const auto body_hash = nimbus::crypto::sha256_hex(body);
    canonical_request(request, {"host", "x-amz-date"}, body_hash, PathRule::standard);
    canonical_request(request, {"host"}, unsigned_payload, PathRule::s3);
    const auto claim = parse_claim(request);
    if (!claim)
        return 0;
    // At the moment of signing, so that no claim is turned away for its age alone.
    const auto valid =
        verify(*claim, request, "a key that nobody has", body_hash, claim->signed_at);
    if (valid)
        __builtin_trap();
    return 0;
}
