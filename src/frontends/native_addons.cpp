#include "frontends/native_addons.h"

#include "base/error.h"
#include "base/text.h"
#include "frontends/executable.h"
#include "frontends/node_packages.h"

#include <filesystem>
#include <map>
#include <optional>

namespace nimbus::frontends {
namespace {

/// Where an addon is installed, up to the first dot of its name, with the names that Node and
/// compilers have for architectures made one. It tells an addon from all others; what follows the
/// dot is for one machine, too: crc32.linux-x64-gnu.node, node.napi.armv8.node.
std::string place_for_any_architecture(const std::filesystem::path& addon)
{
    const auto name = addon.filename().string();
    auto place = (addon.parent_path() / name.substr(0, name.find('.'))).string();
    for (const auto* word : {"x86_64", "x64", "amd64", "aarch64", "arm64"})
        place = replace_all(std::move(place), word, "{architecture}");
    return place;
}

/// Nothing for what is not for Linux on one of Lambda's architectures: nobody loads it there.
std::optional<std::string> architecture_of(const std::filesystem::path& addon)
{
    try {
        auto architecture = inspect_executable(addon).architecture;
        if (architecture == "x86_64" || architecture == "arm64")
            return architecture;
    } catch (const Error&) {
        return {}; // of macOS or Windows, or 32 bits
    }
    return {};
}

/// An addon that is there for one architecture only.
[[noreturn]] void throw_missing(const std::string& architecture, const std::filesystem::path& addon,
                                const std::string& present, const std::string& name)
{
    const auto needed = name + " has functions for " + architecture + ", and ";
    const auto package = package_of(addon);
    if (!package)
        throw Error(needed + "the compiled addon " + addon.filename().string() + " is for " +
                        present + " only",
                    "Compile it for " + architecture + ", too.");
    throw Error(
        needed + "the package " + package->name + " has its compiled addon " +
            addon.lexically_relative(package->directory).string() + " for " + present + " only",
        "Install the packages for " + architecture +
            ": npm install --os=linux --cpu=" + (architecture == "arm64" ? "arm64" : "x64") +
            "; one that compiles its addon has to be installed on such a machine.");
}

} // namespace

void require_addons_for(const std::string& architecture, const std::vector<PackageFile>& files,
                        const std::string& name)
{
    struct Addon {
        std::filesystem::path file;
        std::string architecture;
        bool has_fitting_twin = false;
    };
    std::map<std::string, Addon> addons; // by place
    for (const auto& file : files) {
        if (file.source.extension() != ".node")
            continue;
        const auto its = architecture_of(file.source);
        if (!its && !package_of(file.source)) // packages bring parts for other systems along
            throw Error(name + " cannot run on Lambda: the compiled addon " +
                            file.source.filename().string() +
                            " is not for Linux on x86_64 or arm64",
                        "Compile it on Linux, for the architecture of the functions.");
        if (!its)
            continue;
        auto& addon = addons[place_for_any_architecture(file.source)];
        if (*its == architecture)
            addon.has_fitting_twin = true;
        else
            addon = {file.source, *its, addon.has_fitting_twin};
    }
    for (const auto& [place, addon] : addons)
        if (!addon.has_fitting_twin)
            throw_missing(architecture, addon.file, addon.architecture, name);
}

} // namespace nimbus::frontends
