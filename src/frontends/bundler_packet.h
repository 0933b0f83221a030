#pragma once

#include "base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What esbuild and a program that keeps it running say to each other: `esbuild --service=VERSION`
/// on its standard input and output. Source: esbuild's lib/shared/stdio_protocol.ts, by which its
/// own JavaScript API talks to it.
namespace nimbus::frontends {

struct BundlerPacket {
    std::uint32_t id = 0; ///< of the request; an answer has that of its request
    bool is_request = false;
    /// Numbers are 32 bits without a sign. Bytes that are read, which JSON has not, are texts.
    json::value value;
    /// The member `contents` of `value`, which is sent as bytes.
    std::optional<std::string> contents{};
};

/// As it is sent, with its length before it. Numbers that do not fit lose their upper bits.
std::string encode_packet(const BundlerPacket& packet);

/// From a packet's bytes without its length. Throws Error when they are none.
BundlerPacket decode_packet(std::string_view bytes);

/// Takes the first whole frame, which begins with the length of the rest, off the beginning of what
/// was read so far, and returns the rest of it; nothing when more has to be read.
std::optional<std::string> take_frame(std::string& read_so_far);

} // namespace nimbus::frontends
