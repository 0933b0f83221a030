#include "frontends/packages_beside.h"

#include "base/file.h"
#include "base/text.h"
#include "frontends/authors_files.h"
#include "frontends/bundle.h"
#include "frontends/module_text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace nimbus::frontends {
namespace {

constexpr std::string_view folder = "node_modules";
constexpr std::size_t most_names = 5;

bool contains(const std::vector<InstalledPackage>& packages, const InstalledPackage& package)
{
    return std::ranges::find(packages, package) != packages.end();
}

void add(std::vector<InstalledPackage>& packages, const InstalledPackage& package)
{
    if (!contains(packages, package))
        packages.push_back(package);
}

/// A bundle's modules that belong to packages, with what their texts tell.
class PackageModules {
public:
    struct Module {
        std::filesystem::path file;
        InstalledPackage package;
        ModuleTraits traits;
        std::vector<ModuleGraph::Import> imports;
    };

    explicit PackageModules(const ModuleGraph& graph)
    {
        for (const auto& [name, module] : graph.modules())
            if (auto package = package_of(module.file)) {
                auto traits = is_script(module.file)
                                  ? traits_of(read_file_if_exists(module.file).value_or(""))
                                  : ModuleTraits{};
                modules_.emplace(name,
                                 Module{module.file, std::move(*package), traits, module.imports});
            }
    }

    /// In the order of their modules' names.
    std::vector<InstalledPackage> packages() const
    {
        std::vector<InstalledPackage> found;
        for (const auto& [name, module] : modules_)
            add(found, module.package);
        return found;
    }

    /// Those that need their own files around them.
    std::vector<InstalledPackage> with_workers() const
    {
        std::vector<InstalledPackage> found;
        for (const auto& [name, module] : modules_)
            if (module.traits.starts_workers && module.traits.asks_its_place)
                add(found, module.package);
        const auto starters = found;
        for (const auto& [name, module] : modules_)
            if (module.traits.asks_its_place && imports_one_of(module, starters))
                add(found, module.package);
        return found;
    }

    /// Those that load modules of their own by names that a bundle does not know them by.
    std::vector<InstalledPackage> with_loads_without_extension() const
    {
        std::vector<InstalledPackage> found;
        for (const auto& [name, module] : modules_)
            if (module.traits.load_without_extension != 0)
                add(found, module.package);
        return found;
    }

    /// By package, its first module that loads by a computed name.
    std::map<std::string, Module> with_computed_loads() const
    {
        std::map<std::string, Module> found;
        for (const auto& [name, module] : modules_)
            if (module.traits.computed_load != 0)
                found.emplace(module.package.name, module);
        return found;
    }

    /// Does `package` also load `other` by its name, as bundlers see it?
    bool imports(const InstalledPackage& package, const InstalledPackage& other) const
    {
        return std::ranges::any_of(modules_, [&](const auto& each) {
            return each.second.package == package && imports_one_of(each.second, {other});
        });
    }

private:
    bool imports_one_of(const Module& module, const std::vector<InstalledPackage>& packages) const
    {
        return std::ranges::any_of(module.imports, [&](const ModuleGraph::Import& import) {
            const auto target = modules_.find(import.target);
            return target != modules_.end() && contains(packages, target->second.package);
        });
    }

    std::map<std::string, Module> modules_;
};

/// Places packages in node_modules and below one another.
class Layout {
public:
    void place_all(const std::vector<InstalledPackage>& packages)
    {
        for (const auto& package : packages)
            place(package, {});
        for (std::size_t next = 0; next < placed_.size(); ++next) {
            const auto [package, at] = placed_[next];
            for (const auto& needed : dependencies_of(package))
                place(needed, at);
        }
    }

    std::vector<PackageFile> files() const
    {
        std::vector<PackageFile> files;
        for (const auto& [package, at] : placed_)
            add_directory(files, package.directory, at);
        return files;
    }

private:
    struct Placed {
        InstalledPackage package;
        std::filesystem::path at; ///< in the archive
    };

    /// As high as it can be, so that `user`, the place of a package or empty, finds it.
    void place(const InstalledPackage& package, const std::filesystem::path& user)
    {
        const auto seen = visible(package.name, user);
        if (seen && *seen == package.directory)
            return;
        const auto at = (seen ? user : std::filesystem::path()) / folder / package.name;
        if (taken_.emplace(at, package.directory).second)
            placed_.push_back({package, at});
    }

    /// Where the package that `user` finds by this name comes from.
    std::optional<std::filesystem::path> visible(const std::string& name,
                                                 const std::filesystem::path& user) const
    {
        for (auto directory = user;; directory = directory.parent_path()) {
            if (const auto found = taken_.find(directory / folder / name); found != taken_.end())
                return found->second;
            if (directory.empty())
                return {};
        }
    }

    std::vector<Placed> placed_;
    std::map<std::filesystem::path, std::filesystem::path> taken_; ///< by place, what is there
};

std::vector<InstalledPackage> drivers_among(const std::vector<InstalledPackage>& peers,
                                            const std::filesystem::path& project)
{
    const auto for_development = dependencies_declared_for(project).development_only;
    std::vector<InstalledPackage> drivers;
    for (const auto& peer : peers)
        if (!peer.name.starts_with("@types/") &&
            std::ranges::find(for_development, peer.name) == for_development.end())
            drivers.push_back(peer);
    return drivers;
}

/// "a, b and 3 others"
std::string listed(const std::vector<std::string>& names)
{
    if (names.size() <= most_names)
        return join(names, ", ");
    return join({names.begin(), names.begin() + most_names}, ", ") + " and " +
           std::to_string(names.size() - most_names) + " others";
}

} // namespace

std::vector<InstalledPackage> packages_beside(const ModuleGraph& graph,
                                              const std::filesystem::path& project)
{
    const PackageModules modules(graph);
    auto beside = modules.with_workers();
    for (const auto& package : modules.with_loads_without_extension())
        add(beside, package);
    for (const auto& package : modules.packages())
        if (has_native_parts(package))
            add(beside, package);
    for (const auto& [name, module] : modules.with_computed_loads())
        for (const auto& driver : drivers_among(peers_of(module.package), project))
            if (!modules.imports(module.package, driver))
                add(beside, driver);
    return beside;
}

std::vector<InstalledPackage> drivers_of(const InstalledPackage& package,
                                         const std::filesystem::path& project)
{
    return drivers_among(peers_of(package), project);
}

std::vector<PackageFile> files_of(const std::vector<InstalledPackage>& packages)
{
    Layout layout;
    layout.place_all(packages);
    return layout.files();
}

std::vector<std::string> warnings_of_loads(const ModuleGraph& graph,
                                           const std::vector<InstalledPackage>& beside,
                                           const std::filesystem::path& project)
{
    std::set<std::string> shipped{std::string(node_sdk)};
    for (const auto& package : beside)
        shipped.insert(package.name);
    for (const auto& [name, module] : graph.modules())
        if (const auto package = package_of(module.file))
            shipped.insert(package->name);
    std::vector<std::string> missing;
    for (const auto& name : dependencies_declared_for(project).needed)
        if (!shipped.contains(name) && !name.starts_with("@types/") && find_package(project, name))
            missing.push_back(name);
    if (missing.empty())
        return {};
    std::vector<std::string> warnings;
    for (const auto& [name, module] : PackageModules(graph).with_computed_loads())
        if (std::ranges::find(beside, name, &InstalledPackage::name) == beside.end())
            warnings.push_back(
                (folder / std::filesystem::path(name) /
                 module.file.lexically_relative(module.package.directory))
                    .string() +
                ':' + std::to_string(module.traits.computed_load) + ": the package " + name +
                " loads others by names that it makes when it runs. These dependencies are not in "
                "the bundle: " +
                listed(missing) + ". If " + name +
                " loads one of them, name it: new Nimbus({ external: ['" + missing.front() +
                "'] }).");
    return warnings;
}

} // namespace nimbus::frontends
