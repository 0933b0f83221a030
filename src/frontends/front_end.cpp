#include "frontends/front_end.h"

#include <array>
#include <unistd.h>

namespace nimbus::frontends {
namespace {

bool is_cmake_project(const std::filesystem::path& file)
{
    return file.filename() == "CMakeLists.txt";
}

bool is_cpp_source(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    return extension == ".cpp" || extension == ".cc" || extension == ".cxx";
}

bool is_typescript(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    return extension == ".ts" || extension == ".tsx" || extension == ".mts" || extension == ".cts";
}

bool is_javascript(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    return extension == ".js" || extension == ".jsx" || extension == ".mjs" || extension == ".cjs";
}

bool is_executable(const std::filesystem::path& file)
{
    return ::access(file.c_str(), X_OK) == 0;
}

std::string file_name_as_key(const BuildRequest& request)
{
    return request.name();
}

Program take_executable(const BuildRequest& request, const BuildDirectory&)
{
    return native_program(request.file);
}

constexpr std::array<FrontEnd, 5> table{{
    {"CMakeLists.txt", is_cmake_project, cmake_build_key, build_cmake_project, true},
    {"main.cpp", is_cpp_source, single_file_build_key, build_single_file, true},
    {"index.ts", is_typescript, script_build_key, build_script, false, heed_script},
    {"index.js", is_javascript, script_build_key, build_script, false, heed_script},
    {"", is_executable, file_name_as_key, take_executable},
}};

} // namespace

std::span<const FrontEnd> front_ends()
{
    return table;
}

Program native_program(const std::filesystem::path& executable)
{
    return {.command = {executable.string()},
            .files = {{"bootstrap", executable, 0755}},
            .bootstrap = executable};
}

} // namespace nimbus::frontends
