#pragma once

#include <string_view>

namespace nimbus {

/// Of the machine that this is compiled for, by Lambda's name.
#if defined(__aarch64__)
inline constexpr std::string_view host_architecture = "arm64";
#else
inline constexpr std::string_view host_architecture = "x86_64";
#endif

} // namespace nimbus
