#include "frontends/authors_files.h"

#include "frontends/node_packages.h"

#include <algorithm>
#include <array>
#include <string>

namespace nimbus::frontends {

std::vector<std::filesystem::path> authors_files(const ModuleGraph& graph,
                                                 const std::filesystem::path& place)
{
    std::vector<std::filesystem::path> files;
    for (const auto& file : graph.files())
        if (!package_of(file) && file.parent_path() != place)
            files.push_back(file);
    return files;
}

bool is_script(const std::filesystem::path& file)
{
    const std::array<std::string_view, 8> extensions{".ts", ".tsx", ".mts", ".cts",
                                                     ".js", ".jsx", ".mjs", ".cjs"};
    return std::ranges::find(extensions, file.extension().string()) != extensions.end();
}

bool is_below(const std::filesystem::path& file, const std::filesystem::path& directory)
{
    const auto relative = file.lexically_relative(directory);
    return !relative.empty() && *relative.begin() != "..";
}

std::filesystem::path common_root(const std::vector<std::filesystem::path>& files,
                                  std::filesystem::path directory)
{
    for (const auto& file : files)
        while (!is_below(file, directory))
            directory = directory.parent_path();
    return directory;
}

} // namespace nimbus::frontends
