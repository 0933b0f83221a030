#pragma once

#include "frontends/build_record.h"
#include "frontends/bundle.h"
#include "frontends/esbuild.h"
#include "frontends/module_graph.h"
#include "frontends/node_packages.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// In development: the packages that the author's sources import, bundled into a packages.js of
/// their own. It is made again when one of them changes, and not when a source does. In the bundle
/// of the sources, a stand-in of a line is in the place of each module of a package that they
/// import: it loads that module from packages.js where the whole bundle would have evaluated it,
/// and exports the same. So no name of a package meets one of the author's, either.
namespace nimbus::frontends {

class PackagesApart {
public:
    /// What the bundle of everything says of the packages in it.
    struct Findings {
        std::vector<InstalledPackage> beside; ///< that go beside it
        std::vector<std::string> external;    ///< that are left to `require`
        std::string warnings;                 ///< of loads by computed names, in lines
        /// What those in it read when they run, by its path in the archive.
        std::map<std::string, std::filesystem::path> read;

        bool operator==(const Findings&) const = default;
    };

    /// What decides how they are bundled, but for files.
    struct Settings {
        const BuildRequest& request;
        const BundleTools& tools;
        const std::filesystem::path& place; ///< of the build
        const std::vector<std::string>& named;
    };

    /// What `make` made for the same settings, if it would make the same now.
    static std::optional<PackagesApart> kept(const Settings& settings);

    /// For the next builds. `graph` has everything, and `task` made it. Of no use where a bundle in
    /// two parts could be another program than the whole one: whatever the sources import from
    /// packages has to be a script that they name in one way and that exports names known before it
    /// runs, and no package may import a source. Nor where the whole bundle, which leaves out what
    /// nothing uses, is so much smaller that an instance starts sooner with it.
    /// Returns whether it is of use and was not there before.
    static bool make(const Settings& settings, const ModuleGraph& graph, const BundlerTask& task,
                     const Findings& findings);
    /// Has it be of no use for the imports that it is about.
    void give_up(const Settings& settings) const;

    /// False: the sources have to be bundled with the packages.
    bool is_useful() const noexcept { return is_useful_; }

    const Findings& findings() const noexcept { return findings_; }
    /// All sources that it is for; `fits` says whether others came to them.
    std::vector<std::filesystem::path> authors_files() const
    {
        return {sources_.begin(), sources_.end()};
    }
    /// The stand-ins, by what sources import them for.
    const std::map<std::string, std::filesystem::path>& stand_ins() const noexcept
    {
        return stand_ins_;
    }
    /// The modules of packages, and what decides which they are.
    const std::vector<FileStamp>& inputs() const noexcept { return inputs_; }
    /// packages.js and its map.
    std::vector<PackageFile> files() const;

    /// Is `graph`, of the bundle of the sources, the one that the stand-ins were made for? Else an
    /// import may stand for something else, or for something that is not in packages.js.
    bool fits(const ModuleGraph& graph) const;
    /// Does esbuild speak of a stand-in? The author should see a sentence about the package.
    bool is_meant_by(const BundlerMessage& message) const;

private:
    explicit PackagesApart(std::filesystem::path place) : place_(std::move(place)) {}

    bool load();
    bool take(const ModuleGraph& graph);
    bool is_about(const PackagesApart& other) const;
    bool bundle(const Settings& settings, const ModuleGraph& graph, const BundlerTask& task);
    void save(const Settings& settings, std::int64_t began) const;

    std::filesystem::path place_; ///< the directory that holds all that belongs to it
    bool is_useful_ = false;
    Findings findings_;
    std::map<std::string, std::filesystem::path>
        modules_; ///< as `stand_ins_`: the files themselves
    std::map<std::string, std::filesystem::path> stand_ins_;
    std::set<std::filesystem::path> sources_;
    std::set<std::string> imports_; ///< how which directory's sources import what
    std::vector<FileStamp> inputs_;
};

} // namespace nimbus::frontends
