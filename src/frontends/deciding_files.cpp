#include "frontends/deciding_files.h"

#include "frontends/bundle.h"
#include "frontends/node_packages.h"
#include "frontends/tsconfig.h"

namespace nimbus::frontends {

std::set<std::filesystem::path> steering_files(const std::filesystem::path& project)
{
    std::set<std::filesystem::path> files;
    for (auto directory = project;; directory = directory.parent_path()) {
        for (const auto* name : {"package.json", "tsconfig.json", "node_modules/.package-lock.json",
                                 "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"}) {
            std::error_code ignored;
            if (std::filesystem::is_regular_file(directory / name, ignored))
                files.insert(directory / name);
        }
        std::error_code ignored;
        if (std::filesystem::exists(directory / "node_modules" / node_sdk, ignored) ||
            directory == directory.parent_path())
            return files;
    }
}

std::set<std::filesystem::path> deciding_paths(const std::vector<std::filesystem::path>& inputs,
                                               const std::filesystem::path& own)
{
    std::set<std::filesystem::path> directories;
    for (const auto& input : inputs)
        if (!package_of(input) && input.parent_path() != own)
            directories.insert(input.parent_path());
    auto paths = directories;
    for (const auto& start : directories)
        for (auto directory = start; directory != directory.parent_path();
             directory = directory.parent_path())
            for (const auto* name : {"package.json", "tsconfig.json"}) {
                std::error_code ignored;
                if (!std::filesystem::is_regular_file(directory / name, ignored))
                    continue;
                paths.insert(directory / name);
            }
    for (const auto& directory : directories)
        if (const auto config = tsconfig_for(directory / "any.ts"))
            paths.insert(config->files.begin(), config->files.end());
    return paths;
}

} // namespace nimbus::frontends
