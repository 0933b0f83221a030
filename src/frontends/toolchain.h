#pragma once

#include "frontends/application.h"
#include "frontends/front_end.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// Where libnimbus lies: `options.prefix`, else beside the running program, installed or in its
/// build directory. Throws Error when it is not there.
std::filesystem::path library_prefix(const LoadOptions& options);

/// The words of lib/nimbus/compile-flags or link-flags with the prefix put in.
std::vector<std::string> library_flags(const std::filesystem::path& prefix,
                                       const std::string& kind);

/// The same for `request`: those of a development build leave out what makes a program small, fast
/// and independent of this machine.
std::vector<std::string> flags_for(const BuildRequest& request, const std::filesystem::path& prefix,
                                   const std::string& kind);

/// What only development builds are linked with: mold or lld where they are installed, which take a
/// quarter of the time of Debian's ld; waiting for a debugger, and, where libdw is
/// installed, the places of crashes. Empty for other builds.
std::vector<std::string> development_link_flags(const BuildRequest& request,
                                                const std::filesystem::path& prefix);

/// $CXX, else g++, with ccache before it where it is installed. Throws Error when there is none.
std::vector<std::string> cxx_compiler();
/// With ccache before it where it is installed.
std::vector<std::string> cached(std::vector<std::string> compiler);

inline constexpr std::chrono::minutes longest_tool_run{30};

/// Runs a program that builds something to its end in `directory`, with the environment of the
/// command line. Throws Error when it cannot be started or takes half an hour.
struct ToolResult {
    bool success;
    std::string output; ///< its standard output, then its standard error
};
ToolResult run_tool(const std::vector<std::string>& command,
                    const std::filesystem::path& directory);

/// Gives the output to `options.tool_output`, with a line feed at its end; an extreme amount of it
/// is cut.
void show_output(const LoadOptions& options, std::string output);

/// Tells `options.progress`.
void announce(const LoadOptions& options, const std::string& what);

} // namespace nimbus::frontends
