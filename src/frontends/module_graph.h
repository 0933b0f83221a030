#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Which packages of a bundle need not be read before a handler asks for them.
namespace nimbus::frontends {

/// The modules of a bundle, by the metafile that esbuild wrote (its documentation, "Metafile").
class ModuleGraph {
public:
    enum class Kind { statement, require, dynamic };

    struct Import {
        std::string specifier; ///< as it is written: "pg"
        std::string target;    ///< a module's name in the graph
        Kind kind;
    };

    struct Module {
        std::filesystem::path file; ///< absolute
        bool is_esm = false;
        std::vector<Import> imports{};
    };

    /// `project` is the directory that esbuild ran in. Throws Error when the file is no metafile.
    static ModuleGraph read(const std::filesystem::path& metafile,
                            const std::filesystem::path& project);

    const std::map<std::string, Module>& modules() const noexcept { return modules_; }
    /// Those that are files: others stand for what esbuild left out.
    std::vector<std::filesystem::path> files() const;

private:
    std::map<std::string, Module> modules_;
};

/// What esbuild copied as it is, such as compiled addons: by their names beside the bundle, the
/// files that they are copies of. Arguments as of ModuleGraph::read.
std::map<std::string, std::filesystem::path> copied_files(const std::filesystem::path& metafile,
                                                          const std::filesystem::path& project);

/// What the only bundle that `metafile` tells of, an ES module, exports: as esbuild knows it.
std::vector<std::string> exports_in(const std::filesystem::path& metafile);

/// The packages that the author's modules load by require(…) or import(…) only, in the places where
/// they are needed, and that share no module with the rest: by name, the file that it stands for.
/// Put into a file of their own they cost nothing until then, and behave the same.
std::map<std::string, std::filesystem::path> packages_on_demand(const ModuleGraph& graph,
                                                                const std::filesystem::path& entry);

} // namespace nimbus::frontends
