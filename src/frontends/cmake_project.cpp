#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "frontends/cross_toolchain.h"
#include "frontends/front_end.h"
#include "frontends/toolchain.h"
#include "process/child_process.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

/// A project of its own, built by CMake: nimbus_add_app() puts the executable `bootstrap` into the
/// top of the build directory (cmake/nimbusConfig.cmake.in).
namespace nimbus::frontends {
namespace {

constexpr const char* not_declared_hint =
    "Write find_package(nimbus REQUIRED) and nimbus_add_app(<target> <sources>).";

bool has_ninja()
{
    return process::find_program("ninja").has_value();
}

std::vector<std::string> configure_command(const BuildRequest& request,
                                           const std::filesystem::path& place)
{
    const auto prefix = library_prefix(request.options);
    std::vector<std::string> command{
        "cmake", "-S", request.directory().string(), "-B", place.string(), "--no-warn-unused-cli",
        request.is_development() ? "-DCMAKE_BUILD_TYPE=Debug" : "-DCMAKE_BUILD_TYPE=Release",
        request.is_development() ? "-DNIMBUS_DEVELOPMENT=ON" : "-DNIMBUS_DEVELOPMENT=OFF",
        "-DNIMBUS_DEVELOPMENT_LINK_FLAGS=" + join(development_link_flags(request, prefix), ";"),
        "-DBUILD_TESTING=OFF",
        // Before all that find_package would look at: this nimbus and its library fit together.
        "-Dnimbus_DIR=" + (prefix / "lib" / "cmake" / "nimbus").string(),
        "-DCMAKE_PREFIX_PATH=" + prefix.string(), "-G", has_ninja() ? "Ninja" : "Unix Makefiles"};
    if (const auto cross = cross_toolchain(request))
        command.push_back("-DCMAKE_TOOLCHAIN_FILE=" + cross->cmake_file.string());
    if (process::find_program("ccache"))
        command.emplace_back("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache");
    return command;
}

bool is_configured(const std::filesystem::path& place)
{
    return std::filesystem::exists(place / (has_ninja() ? "build.ninja" : "Makefile"));
}

/// CMake's messages without its account of what it detected.
std::string without_status_lines(const std::string& output)
{
    std::string kept;
    for (const auto line : split(output, '\n'))
        if (!line.starts_with("-- ") && !line.empty())
            kept += std::string(line) + '\n';
    return kept;
}

void configure(const BuildRequest& request, const std::filesystem::path& place)
{
    if (!process::find_program("cmake"))
        throw Error("CMakeLists.txt needs CMake, and the program 'cmake' is not installed",
                    "Install it (on Debian: apt install cmake ninja-build).");
    announce(request.options, "Configuring " + request.name());
    const auto result = run_tool(configure_command(request, place), request.directory());
    if (result.success)
        return;
    show_output(request.options, without_status_lines(result.output));
    throw Error("CMakeLists.txt cannot be configured", "CMake's messages above say why.");
}

bool declares_application(const std::filesystem::path& place)
{
    return !has_ninja() ||
           read_file(place / "build.ninja").find("\nbuild bootstrap:") != std::string::npos;
}

/// The compiler's messages without Ninja's and CMake's: progress, and the command that failed.
std::string compiler_messages(const std::string& output)
{
    std::string kept;
    bool command_follows = false;
    for (const auto line : split(output, '\n')) {
        if (command_follows) {
            command_follows = false;
            continue;
        }
        command_follows = line.starts_with("FAILED: ");
        if (command_follows || line.starts_with('[') || line.starts_with("ninja: ") || line.empty())
            continue;
        kept += std::string(line) + '\n';
    }
    kept = without_status_lines(kept);
    return kept.empty() ? without_status_lines(output) : kept;
}

std::vector<std::string> build_command(const std::filesystem::path& place)
{
    if (has_ninja())
        return {"ninja", "-C", place.string(), "bootstrap"};
    return {"make", "-C", place.string(),
            "-j" + std::to_string(std::thread::hardware_concurrency())};
}

/// What a build would do. Nothing with Make, which has no quick answer.
std::optional<ToolResult> rehearse(const BuildRequest& request, const std::filesystem::path& place)
{
    auto command = build_command(place);
    if (command.front() != "ninja")
        return {};
    command.emplace_back("-n");
    return run_tool(command, request.directory());
}

/// A build.ninja that Ninja refuses cannot make itself anew from a CMakeLists.txt that is
/// corrected.
bool is_refused(const ToolResult& rehearsal)
{
    return !rehearsal.success &&
           rehearsal.output.find("ninja: error: build.ninja:") != std::string::npos;
}

bool has_nothing_to_do(const ToolResult& rehearsal)
{
    return rehearsal.success && rehearsal.output.find("no work to do") != std::string::npos;
}

void build(const BuildRequest& request, const std::filesystem::path& place)
{
    if (const auto rehearsal = rehearse(request, place)) {
        if (is_refused(*rehearsal))
            configure(request, place);
        else if (has_nothing_to_do(*rehearsal))
            return;
    }
    announce(request.options, "Building " + request.name());
    const auto result = run_tool(build_command(place), request.directory());
    if (result.success)
        return;
    show_output(request.options, compiler_messages(result.output));
    throw Error("The program of CMakeLists.txt does not build", "The messages above say why.");
}

/// The words of Ninja's answer that are paths in lines which begin with blanks: what it lists. Of
/// inputs that a command does not name, "| " or "|| " is before the path.
void add_listed(const std::string& output, const std::filesystem::path& place,
                std::vector<std::filesystem::path>& inputs)
{
    for (const auto line : split(output, '\n')) {
        auto name = trim(line);
        name.remove_prefix(std::min(name.find_first_not_of("| "), name.size()));
        if (line.starts_with("    ") && !name.empty() && !name.ends_with(':'))
            inputs.push_back((place / name).lexically_normal());
    }
}

/// What the compiler read, which Ninja keeps, and what CMake read. With Make, which keeps it
/// otherwise, CMakeLists.txt alone.
std::vector<std::filesystem::path> inputs_of(const BuildRequest& request,
                                             const std::filesystem::path& place)
{
    std::vector<std::filesystem::path> listed{request.file};
    if (has_ninja())
        for (const auto& question : {std::vector<std::string>{"deps"}, {"query", "build.ninja"}}) {
            std::vector<std::string> command{"ninja", "-C", place.string(), "-t"};
            command.insert(command.end(), question.begin(), question.end());
            add_listed(run_tool(command, request.directory()).output, place, listed);
        }
    std::erase_if(listed, [&](const std::filesystem::path& path) {
        return path.string().starts_with(place.string() + '/');
    });
    return listed;
}

} // namespace

std::string cmake_build_key(const BuildRequest& request)
{
    const char* compiler = std::getenv("CXX");
    return join({request.file.string(), library_prefix(request.options).string(),
                 compiler != nullptr ? compiler : "", has_ninja() ? "ninja" : "make",
                 join(development_link_flags(request, library_prefix(request.options)), " ")},
                "\n") +
           key_part(request.architecture);
}

Program build_cmake_project(const BuildRequest& request, const BuildDirectory& place)
{
    const auto executable = place.path() / "bootstrap";
    if (!is_configured(place.path()))
        configure(request, place.path());
    if (!declares_application(place.path())) {
        configure(request, place.path()); // it may have been added since
        if (!declares_application(place.path()))
            throw Error("CMakeLists.txt declares no application", not_declared_hint);
    }
    build(request, place.path());
    if (!std::filesystem::exists(executable))
        throw Error("CMakeLists.txt declares no application", not_declared_hint);
    auto program = native_program(executable);
    program.inputs = inputs_of(request, place.path());
    return program;
}

} // namespace nimbus::frontends
