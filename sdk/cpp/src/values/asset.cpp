#include "io/environment.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nimbus/asset.hpp>
#include <optional>
#include <vector>

namespace nimbus {
namespace {

using Path = std::filesystem::path;

std::optional<std::string> content_of(const Path& file)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
        return {};
    std::ifstream stream(file, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad() || !stream.is_open())
        return {};
    return content;
}

std::optional<std::string> content_above(Path directory, const Path& path)
{
    for (;; directory = directory.parent_path()) {
        if (auto content = content_of(directory / path))
            return content;
        if (directory == directory.parent_path())
            return {};
    }
}

std::optional<std::string> find_content(const Path& path)
{
    if (const auto root = detail::environment_variable("LAMBDA_TASK_ROOT"))
        return content_of(Path(*root) / path);
    std::error_code ignored;
    if (auto content = content_above(std::filesystem::current_path(ignored), path))
        return content;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return content_above(program.parent_path(), path);
}

} // namespace

std::string asset(std::string_view path)
{
    const Path wanted(path);
    if (wanted.empty() || wanted.is_absolute() ||
        std::ranges::find(wanted, Path("..")) != wanted.end())
        throw asset_error("asset(\"" + std::string(path) +
                          "\"): the path must lead below the application's directory");
    auto content = find_content(wanted);
    if (!content)
        throw asset_error("There is no file " + std::string(path) +
                          " with this program: name it in app_options::files");
    return std::move(*content);
}

} // namespace nimbus
