#include "frontends/native_addons.h"

#include "base/error.h"
#include "base/text.h"
#include "frontends/executable.h"

#include <array>
#include <filesystem>
#include <map>
#include <optional>

namespace nimbus::frontends {
namespace {

/// The directory of an addon, with the names that Node and compilers have for architectures made
/// one.
std::string directory_for_any_architecture(const PackageFile& file)
{
    auto directory = std::filesystem::path(file.name).parent_path().string();
    for (const auto* word : {"x86_64", "x64", "amd64", "aarch64", "arm64"})
        directory = replace_all(std::move(directory), word, "{architecture}");
    return directory;
}

/// Nothing for what is not for Linux on one of Lambda's architectures: nobody loads it there.
std::optional<std::string> architecture_of(const PackageFile& file)
{
    try {
        auto architecture = inspect_executable(file.source).architecture;
        if (architecture == "x86_64" || architecture == "arm64")
            return architecture;
    } catch (const Error&) {
        return {}; // of macOS or Windows, or 32 bits
    }
    return {};
}

} // namespace

void require_addons_for(const std::string& architecture, const std::vector<PackageFile>& files,
                        const std::string& name)
{
    struct Addon {
        std::string file;
        std::string architecture;
        bool has_fitting_twin = false;
    };
    std::map<std::string, Addon> addons; // by directory
    for (const auto& file : files) {
        if (std::filesystem::path(file.name).extension() != ".node")
            continue;
        const auto its = architecture_of(file);
        if (!its)
            continue;
        auto& addon = addons[directory_for_any_architecture(file)];
        if (*its == architecture)
            addon.has_fitting_twin = true;
        else
            addon = {file.name, *its, addon.has_fitting_twin};
    }
    for (const auto& [directory, addon] : addons)
        if (!addon.has_fitting_twin)
            throw Error(name + " has functions for " + architecture + ", and the compiled addon " +
                            addon.file + " is for " + addon.architecture,
                        "Install the packages for " + architecture +
                            ": npm install --os=linux --cpu=" +
                            (architecture == "arm64" ? "arm64" : "x64") +
                            "; one that compiles its addon has to be installed on such a machine.");
}

} // namespace nimbus::frontends
