#include "local/instances/runtimes.h"

#include "base/file.h"
#include "local/instances/node_host_names.h"
#include "local/instances/node_inspector.h"
#include "local/instances/node_runtime.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nimbus::local {
namespace {

struct RuntimeFile {
    const char* name;
    std::string_view content;
};
constexpr std::array node_files{RuntimeFile{"node_host_names.cjs", node_host_names},
                                RuntimeFile{"node_inspector.cjs", node_inspector},
                                RuntimeFile{"node_runtime.cjs", node_runtime}};
constexpr const char* mark = ".serves-runtime-api";

} // namespace

Runtimes custom_runtimes()
{
    const Runtime bootstrap{.arguments = {"{code}/bootstrap"}, .directory = "/var/runtime"};
    return {{"provided.al2023", bootstrap}, {"provided.al2", bootstrap}};
}

Runtimes lambda_runtimes()
{
    auto runtimes = custom_runtimes();
    const std::vector<std::string> node{"node", "--use-openssl-ca", "--require",
                                        "{runtimes}/node_host_names.cjs"};
    const auto node_with = [&](const char* program) {
        auto arguments = node;
        arguments.emplace_back(program);
        return arguments;
    };
    for (const std::string name : {"nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"})
        runtimes[name] = {.arguments = node_with("{runtimes}/node_runtime.cjs"),
                          .arguments_to_serve_itself = node_with("{code}/index.js"),
                          .arguments_to_inspect = {"--require", "{runtimes}/node_inspector.cjs"},
                          .directory = "/var/runtime",
                          .execution_environment = "AWS_Lambda_" + name};
    return runtimes;
}

void install_runtime(const Runtime& runtime, const std::filesystem::path& directory)
{
    for (const auto& [name, content] : node_files) {
        const auto argument = "{runtimes}/" + std::string(name);
        const auto runs = [&](const std::vector<std::string>& arguments) {
            return std::ranges::find(arguments, argument) != arguments.end();
        };
        if ((!runs(runtime.arguments) && !runs(runtime.arguments_to_inspect)) ||
            std::filesystem::exists(directory / name))
            continue;
        make_directories(directory);
        write_file(directory / name, content);
    }
}

bool serves_itself(const std::filesystem::path& code)
{
    std::error_code ignored;
    return std::filesystem::exists(code / mark, ignored);
}

} // namespace nimbus::local
