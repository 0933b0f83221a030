#include "frontends/toolchain.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "process/child_process.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

namespace nimbus::frontends {
namespace {

std::vector<std::string> words_of(const std::string& text)
{
    std::vector<std::string> words;
    for (const auto line : split(text, '\n'))
        for (const auto word : split(trim(line), ' '))
            if (!word.empty())
                words.emplace_back(word);
    return words;
}

} // namespace

std::filesystem::path library_prefix(const LoadOptions& options)
{
    std::error_code ignored;
    const auto prefix =
        options.prefix.empty()
            ? std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path().parent_path()
            : options.prefix;
    if (!std::filesystem::exists(prefix / "lib" / "libnimbus.a", ignored))
        throw Error("The library libnimbus is not installed with this nimbus: there is no " +
                        (prefix / "lib" / "libnimbus.a").string(),
                    "Install both with 'make install', or build both with 'make'.");
    return prefix;
}

std::vector<std::string> library_flags(const std::filesystem::path& prefix, const std::string& kind)
{
    auto flags = words_of(read_file(prefix / "lib" / "nimbus" / (kind + "-flags")));
    for (auto& flag : flags)
        flag = replace_all(std::move(flag), "@PREFIX@", prefix.string());
    return flags;
}

std::vector<std::string> flags_for(const BuildRequest& request, const std::filesystem::path& prefix,
                                   const std::string& kind)
{
    auto flags = library_flags(prefix, kind);
    if (!request.is_development())
        return flags;
    std::erase_if(flags, [](const std::string& flag) {
        return flag == "-static" || flag == "-s" || flag == "-Wl,--gc-sections" ||
               flag == "-Wl,--no-warnings" || flag == "-O2";
    });
    if (kind == "compile") // with the assembler beside the compiler, and not after it
        flags.insert(flags.end(), {"-O0", "-g", "-pipe"});
    return flags;
}

namespace {

bool has_library(const char* soname)
{
    void* handle = ::dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    if (handle != nullptr)
        ::dlclose(handle);
    return handle != nullptr;
}

} // namespace

std::vector<std::string> development_link_flags(const BuildRequest& request,
                                                const std::filesystem::path& prefix)
{
    std::vector<std::string> flags;
    if (!request.is_development())
        return flags;
    const auto add = [&](const std::string& kind) {
        const auto more = library_flags(prefix, kind);
        flags.insert(flags.end(), more.begin(), more.end());
    };
    if (process::find_program("mold"))
        flags.emplace_back("-fuse-ld=mold");
    else if (process::find_program("ld.lld"))
        flags.emplace_back("-fuse-ld=lld");
    add("debugger");
    if (has_library("libdw.so.1"))
        add("backtrace");
    return flags;
}

std::vector<std::string> cxx_compiler()
{
    const char* chosen = std::getenv("CXX");
    auto compiler = words_of(chosen != nullptr ? chosen : "");
    if (compiler.empty())
        compiler = {"g++"};
    if (!process::find_program(compiler.front()))
        throw Error("No C++ compiler is installed: there is no program '" + compiler.front() + "'",
                    "Install one (on Debian: apt install g++) or name it in CXX.");
    return cached(std::move(compiler));
}

std::vector<std::string> cached(std::vector<std::string> compiler)
{
    if (process::find_program("ccache") && !compiler.front().ends_with("ccache"))
        compiler.insert(compiler.begin(), "ccache");
    return compiler;
}

ToolResult run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory)
{
    process::SpawnOptions options;
    options.arguments = command;
    options.working_directory = directory;
    options.die_with_parent = true;
    auto output = process::run(options, Deadline::after(longest_tool_run));
    return {output.status.success(), std::move(output.standard_output) + output.standard_error};
}

void show_output(const LoadOptions& options, std::string output)
{
    constexpr std::size_t most = 64 * 1024;
    if (output.empty())
        return;
    if (output.size() > most) {
        output.resize(output.rfind('\n', most) + 1);
        output += "…\n";
    }
    if (!output.ends_with('\n'))
        output += '\n';
    if (options.tool_output)
        options.tool_output(output);
    else
        std::fputs(output.c_str(), stderr);
}

void announce(const LoadOptions& options, const std::string& what)
{
    if (options.progress)
        options.progress(what);
}

} // namespace nimbus::frontends
