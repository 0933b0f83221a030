#pragma once

#include "frontends/front_end.h"

#include <filesystem>
#include <optional>
#include <string>

namespace nimbus::frontends {

/// What builds for an architecture that is not this machine's: Debian's cross compiler, its
/// packages for that architecture, and a libnimbus that 'make arm64' builds.
struct CrossToolchain {
    std::string compiler;             ///< the program
    std::filesystem::path library;    ///< the directory of libnimbus.a
    std::filesystem::path cmake_file; ///< for CMAKE_TOOLCHAIN_FILE
};

/// Nothing when the request is for this machine's architecture. Throws Error, with the command that
/// helps, when a part of it is not installed.
std::optional<CrossToolchain> cross_toolchain(const BuildRequest& request);

/// Of a build key: empty for this machine's architecture.
std::string key_part(const std::string& architecture);

} // namespace nimbus::frontends
