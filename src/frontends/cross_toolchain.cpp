#include "frontends/cross_toolchain.h"

#include "base/architecture.h"
#include "base/error.h"
#include "base/text.h"
#include "frontends/toolchain.h"
#include "process/child_process.h"

#include <array>

namespace nimbus::frontends {
namespace {

/// As GCC and Debian call arm64 Linux.
constexpr const char* triplet = "aarch64-linux-gnu";

/// What libnimbus is linked with (sdk/cpp/CMakeLists.txt), of Debian's packages for arm64.
constexpr std::array<const char*, 4> libraries{"libboost_json.a", "libssl.a", "libcrypto.a",
                                               "libcares.a"};

[[noreturn]] void throw_missing(const BuildRequest& request, const std::string& what)
{
    throw Error(request.name() + " declares the architecture " + request.architecture +
                    ", and this machine cannot build for it: " + what,
                "In Nimbus's source directory run 'make arm64', which installs Debian's cross "
                "compiler and builds libnimbus for arm64; then 'make install', if this nimbus is "
                "installed.");
}

/// GCC answers with the bare name when it does not find the file.
bool finds(const std::string& compiler, const std::string& library, const BuildRequest& request)
{
    const auto result = run_tool({compiler, "-print-file-name=" + library}, request.directory());
    return result.success && trim(result.output) != library;
}

} // namespace

std::optional<CrossToolchain> cross_toolchain(const BuildRequest& request)
{
    if (request.architecture == host_architecture)
        return {};
    if (request.architecture != "arm64")
        throw Error(request.name() + " declares the architecture " + request.architecture +
                        ", and this machine builds for " + std::string(host_architecture) + " only",
                    "Deploy it from a machine with an " + request.architecture +
                        " processor, or declare the architecture arm64.");
    const auto prefix = library_prefix(request.options);
    CrossToolchain toolchain{std::string(triplet) + "-g++", prefix / "lib" / triplet,
                             prefix / "lib" / "cmake" / "nimbus" /
                                 (std::string(triplet) + ".cmake")};
    if (!process::find_program(toolchain.compiler))
        throw_missing(request, "the program '" + toolchain.compiler + "' is not installed");
    if (const auto archive = toolchain.library / "libnimbus.a"; !std::filesystem::exists(archive))
        throw_missing(request, "there is no " + archive.string());
    for (const auto* library : libraries)
        if (!finds(toolchain.compiler, library, request))
            throw_missing(request, std::string(library) + " for arm64 is not installed");
    return toolchain;
}

std::string key_part(const std::string& architecture)
{
    return architecture == host_architecture ? "" : '\n' + architecture;
}

} // namespace nimbus::frontends
