#include "frontends/source_copies.h"

#include "base/file.h"
#include "base/json.h"
#include "base/scratch_file.h"
#include "frontends/node_packages.h"
#include "frontends/tsconfig.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

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

SourceCopies::SourceCopies(std::filesystem::path root, std::filesystem::path copies)
    : root_(std::move(root)), copies_(std::move(copies))
{
    std::filesystem::remove_all(copies_);
}

std::filesystem::path SourceCopies::copy_of(const std::filesystem::path& source) const
{
    return (copies_ / source.lexically_relative(root_)).lexically_normal();
}

void SourceCopies::add(const std::filesystem::path& source, std::string_view content)
{
    write(source, content);
    add_surroundings(source);
}

/// What decides what the imports of a source stand for: in its directory, and in those above it.
void SourceCopies::add_surroundings(const std::filesystem::path& source)
{
    for (auto directory = source.parent_path(); is_below(directory, root_);
         directory = directory.parent_path()) {
        if (!done_.insert(directory).second)
            return;
        add_package(directory / "package.json");
        add_configuration(directory / "tsconfig.json");
    }
}

void SourceCopies::add_package(const std::filesystem::path& file) const
{
    if (const auto text = read_file_if_exists(file))
        write(file, *text);
}

/// What it extends lies elsewhere, and its paths have to lead to the copies.
void SourceCopies::add_configuration(const std::filesystem::path& file) const
{
    if (!std::filesystem::exists(file))
        return;
    auto options = tsconfig_for(file)->options;
    if (const auto base = string_member(options, "baseUrl"))
        options["baseUrl"] = moved(*base);
    if (const auto* paths = object_member(options, "paths")) {
        json::object all;
        for (const auto& [pattern, targets] : *paths) {
            auto& list = all[pattern].emplace_array();
            for (const auto& target : targets.as_array()) {
                list.emplace_back(moved(std::string(target.as_string())));
                list.push_back(target); // what is no source: of packages, for example
            }
        }
        options["paths"] = std::move(all);
    }
    write(file, json::serialize(json::object{{"compilerOptions", std::move(options)}}));
}

std::string SourceCopies::moved(const std::string& path) const
{
    return is_below(path, root_) ? copy_of(path).string() : path;
}

void SourceCopies::write(const std::filesystem::path& file, std::string_view text) const
{
    make_directories(copy_of(file).parent_path());
    write_scratch_file(copy_of(file), text);
}

} // namespace nimbus::frontends
