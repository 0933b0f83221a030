#include "frontends/precompiled_library.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "frontends/toolchain.h"

#include <cstdlib>
#include <unistd.h>

namespace nimbus::frontends {
namespace {

constexpr const char* header = "nimbus/nimbus.hpp";
constexpr std::chrono::hours unused_for{24 * 30};

/// Empty when there is no home.
std::filesystem::path cache_directory()
{
    const char* chosen = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (chosen != nullptr && *chosen == '/')
        return std::filesystem::path(chosen) / "nimbus" / "precompiled";
    if (home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".cache" / "nimbus" / "precompiled";
    return {};
}

/// What a precompiled header is good for: GCC refuses it with anything else.
std::string identity(const std::vector<std::string>& compiler,
                     const std::vector<std::string>& flags, const std::filesystem::path& include,
                     const BuildRequest& request)
{
    auto command = compiler;
    command.emplace_back("--version");
    std::string text = run_tool(command, request.directory()).output + join(flags, " ");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(include)) {
        if (!entry.is_regular_file())
            continue;
        const auto time = entry.last_write_time().time_since_epoch().count();
        text += '\n' + entry.path().string() + ' ' + std::to_string(time);
    }
    return crypto::sha256_hex(text).substr(0, 16);
}

/// Those of other versions and compilers that nobody used of late.
void remove_unused(const std::filesystem::path& cache)
{
    const auto limit = std::filesystem::file_time_type::clock::now() - unused_for;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(cache, ignored))
        if (entry.last_write_time(ignored) < limit)
            std::filesystem::remove_all(entry.path(), ignored);
}

/// Under a name of its own first: several may make it at once.
void make(const std::vector<std::string>& compiler, const std::vector<std::string>& flags,
          const std::filesystem::path& include, const std::filesystem::path& made,
          const BuildRequest& request)
{
    announce(request.options, "Preparing libnimbus for development, once");
    make_directories(made.parent_path());
    const auto unfinished = made.string() + '.' + std::to_string(::getpid());
    auto command = compiler;
    command.insert(command.end(), flags.begin(), flags.end());
    for (const auto& word : std::vector<std::string>{"-w", "-x", "c++-header",
                                                     (include / header).string(), "-o", unfinished})
        command.push_back(word);
    if (run_tool(command, request.directory()).success)
        std::filesystem::rename(unfinished, made);
    else
        std::filesystem::remove(unfinished);
}

} // namespace

std::vector<std::string> with_precompiled_library(std::vector<std::string> compile,
                                                  const BuildRequest& request)
{
    auto compiler = compile;
    if (compiler.front().ends_with("ccache"))
        compiler.erase(compiler.begin());
    const auto cache = cache_directory();
    if (cache.empty() || compiler.size() != 1 ||
        std::filesystem::path(compiler.front()).filename().string().find("g++") ==
            std::string::npos ||
        compiler.front().find("clang") != std::string::npos)
        return compile;
    try {
        const auto prefix = library_prefix(request.options);
        const auto include = prefix / "include";
        const auto flags = flags_for(request, prefix, "compile");
        const auto directory = cache / identity(compiler, flags, include, request);
        const auto made = directory / (std::string(header) + ".gch");
        if (!std::filesystem::exists(made)) {
            remove_unused(cache);
            make(compiler, flags, include, made, request);
        }
        if (!std::filesystem::exists(made))
            return compile;
        std::filesystem::last_write_time(directory, std::filesystem::file_time_type::clock::now());
        // ccache would read all of it to know whether it is the same.
        compiler.push_back("-I" + directory.string());
        return compiler;
    } catch (const std::filesystem::filesystem_error&) {
        return compile;
    } catch (const Error&) {
        return compile;
    }
}

} // namespace nimbus::frontends
