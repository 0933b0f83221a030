#include "local/instances/runtimes.h"

#include "base/file.h"
#include "local/instances/node_runtime.h"

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr const char* node_runtime_file = "node_runtime.cjs";
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
    for (const std::string name : {"nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"})
        runtimes[name] = {
            .arguments = {"node", "--use-openssl-ca",
                          "{runtimes}/" + std::string(node_runtime_file)},
            .arguments_to_serve_itself = {"node", "--use-openssl-ca", "{code}/index.js"},
            .directory = "/var/runtime",
            .execution_environment = "AWS_Lambda_" + name};
    return runtimes;
}

void install_runtime(const Runtime& runtime, const std::filesystem::path& directory)
{
    const auto file = directory / node_runtime_file;
    const bool is_needed = std::ranges::any_of(runtime.arguments, [](const std::string& argument) {
        return argument.ends_with(node_runtime_file);
    });
    if (!is_needed || std::filesystem::exists(file))
        return;
    make_directories(directory);
    write_file(file, node_runtime);
}

bool serves_itself(const std::filesystem::path& code)
{
    std::error_code ignored;
    return std::filesystem::exists(code / mark, ignored);
}

} // namespace nimbus::local
