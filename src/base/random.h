#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nimbus {

/// Bytes from the kernel's generator, fit for keys.
std::string random_bytes(std::size_t count);
/// A random version 4 UUID, lower case with dashes (RFC 9562).
std::string random_uuid();
/// `count` characters drawn from `alphabet` without bias; at most 256 characters in the alphabet.
std::string random_text(std::size_t count, std::string_view alphabet);

} // namespace nimbus
