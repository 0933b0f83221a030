#include "frontends/node_packages.h"

#include "base/file.h"
#include "base/json.h"

#include <algorithm>

namespace nimbus::frontends {
namespace {

constexpr std::string_view folder = "node_modules";

json::object description_of(const std::filesystem::path& package)
{
    const auto file = package / "package.json";
    const auto text = read_file_if_exists(file);
    const auto description = text ? parse_json(*text, file.string()) : json::value();
    return description.is_object() ? description.get_object() : json::object();
}

std::vector<std::string> dependency_names(const json::object& description)
{
    std::vector<std::string> names;
    for (const auto* kind : {"dependencies", "optionalDependencies", "peerDependencies"})
        if (const auto* dependencies = object_member(description, kind))
            for (const auto& [name, version] : *dependencies)
                names.emplace_back(name);
    return names;
}

} // namespace

std::optional<std::filesystem::path> find_package(const std::filesystem::path& directory,
                                                  std::string_view name)
{
    for (auto parent = directory;; parent = parent.parent_path()) {
        std::error_code error;
        if (parent.filename() != folder) {
            auto found = std::filesystem::canonical(parent / folder / name, error);
            if (!error)
                return found;
        }
        if (parent == parent.parent_path())
            return {};
    }
}

std::optional<InstalledPackage> package_of(const std::filesystem::path& file)
{
    std::vector<std::filesystem::path> parts(file.begin(), file.end());
    const auto last = std::ranges::find(parts.rbegin(), parts.rend(), folder);
    if (last == parts.rend() || last == parts.rbegin())
        return {};
    std::filesystem::path directory;
    auto part = parts.begin();
    for (; part != last.base(); ++part)
        directory /= *part;
    auto name = part->string();
    directory /= *part++;
    if (name.starts_with('@') && part != parts.end()) {
        name += '/' + part->string();
        directory /= *part;
    }
    return InstalledPackage{std::move(name), std::move(directory)};
}

bool has_native_parts(const InstalledPackage& package)
{
    std::error_code ignored;
    for (const auto* sign : {"binding.gyp", "src/binding.gyp", "prebuilds"})
        if (std::filesystem::exists(package.directory / sign, ignored))
            return true;
    const auto description = description_of(package.directory);
    return bool_member(description, "gypfile").value_or(false) ||
           object_member(description, "binary") != nullptr;
}

std::vector<InstalledPackage> with_dependencies(const InstalledPackage& package)
{
    std::vector<InstalledPackage> found{package};
    for (std::size_t next = 0; next < found.size(); ++next) {
        const auto directory = found[next].directory;
        for (auto& name : dependency_names(description_of(directory))) {
            const auto place = find_package(directory, name);
            if (place && std::ranges::none_of(found, [&](const InstalledPackage& each) {
                    return each.directory == *place;
                }))
                found.push_back({std::move(name), *place});
        }
    }
    return found;
}

} // namespace nimbus::frontends
