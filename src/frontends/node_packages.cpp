#include "frontends/node_packages.h"

#include "base/file.h"
#include "base/json.h"

#include <algorithm>
#include <initializer_list>

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

/// The names in its lists `kinds`.
std::vector<std::string> names_in(const json::object& description,
                                  std::initializer_list<const char*> kinds)
{
    std::vector<std::string> names;
    for (const auto* kind : kinds)
        if (const auto* dependencies = object_member(description, kind))
            for (const auto& [name, version] : *dependencies)
                names.emplace_back(name);
    return names;
}

std::vector<InstalledPackage> installed(const std::vector<std::string>& names,
                                        const std::filesystem::path& directory)
{
    std::vector<InstalledPackage> found;
    for (const auto& name : names)
        if (auto place = find_package(directory, name))
            if (InstalledPackage package{name, std::move(*place)};
                std::ranges::find(found, package) == found.end())
                found.push_back(std::move(package));
    return found;
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

std::vector<InstalledPackage> dependencies_of(const InstalledPackage& package)
{
    return installed(names_in(description_of(package.directory),
                              {"dependencies", "optionalDependencies", "peerDependencies"}),
                     package.directory);
}

std::vector<InstalledPackage> peers_of(const InstalledPackage& package)
{
    return installed(
        names_in(description_of(package.directory), {"peerDependencies", "peerDependenciesMeta"}),
        package.directory);
}

std::string package_in(std::string_view specifier)
{
    if (specifier.starts_with('.') || specifier.starts_with('/') || specifier.starts_with('#'))
        return {};
    auto end = specifier.find('/');
    if (specifier.starts_with('@'))
        end = end == std::string_view::npos ? 0 : specifier.find('/', end + 1);
    return std::string(specifier.substr(0, end));
}

DeclaredDependencies dependencies_declared_for(const std::filesystem::path& directory)
{
    for (auto parent = directory;; parent = parent.parent_path()) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(parent / "package.json", ignored)) {
            const auto description = description_of(parent);
            return {names_in(description, {"dependencies", "optionalDependencies"}),
                    names_in(description, {"devDependencies"})};
        }
        if (parent == parent.parent_path())
            return {};
    }
}

} // namespace nimbus::frontends
