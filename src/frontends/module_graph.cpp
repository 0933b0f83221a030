#include "frontends/module_graph.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "frontends/node_packages.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace nimbus::frontends {
namespace {

using Kind = ModuleGraph::Kind;
using Module = ModuleGraph::Module;

std::optional<Kind> kind_of(std::string_view name)
{
    if (name == "require-call")
        return Kind::require;
    if (name == "dynamic-import")
        return Kind::dynamic;
    if (name == "import-statement" || name == "require-resolve")
        return Kind::statement;
    return {};
}

std::vector<ModuleGraph::Import> imports_of(const json::object& module)
{
    std::vector<ModuleGraph::Import> imports;
    const auto* list = array_member(module, "imports");
    if (list == nullptr)
        return imports;
    for (const auto& each : *list) {
        const auto& import = each.as_object();
        const auto kind = kind_of(string_or_empty(import, "kind"));
        if (kind && !bool_member(import, "external").value_or(false))
            imports.push_back(
                {string_or_empty(import, "original"), string_or_empty(import, "path"), *kind});
    }
    return imports;
}

/// Does Node take the file for an ES module, so that import(…) of CommonJS gives it as default?
bool is_node_module_script(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    if (extension == ".mts" || extension == ".mjs")
        return true;
    if (extension == ".cts" || extension == ".cjs")
        return false;
    for (auto directory = file.parent_path();; directory = directory.parent_path()) {
        if (const auto text = read_file_if_exists(directory / "package.json")) {
            const auto description = parse_json(*text, (directory / "package.json").string());
            return description.is_object() &&
                   string_or_empty(description.get_object(), "type") == "module";
        }
        if (directory == directory.parent_path())
            return false;
    }
}

/// Packages that may be split off, and the names of the modules that they are loaded by.
using Candidates = std::map<std::string, std::string>;

class Splitter {
public:
    Splitter(const ModuleGraph& graph, const std::filesystem::path& entry)
        : modules_(graph.modules())
    {
        for (const auto& [name, module] : modules_)
            if (module.file == entry)
                entry_ = name;
    }

    Candidates split()
    {
        find_candidates();
        for (;;) {
            const auto rest = reachable(entry_, true);
            const auto shared = std::ranges::find_if(candidates_, [&](const auto& candidate) {
                return shares_modules(candidate.second, rest) || has_modules_in(candidate, rest);
            });
            if (shared == candidates_.end())
                return candidates_;
            candidates_.erase(shared);
        }
    }

private:
    /// Loaded by its plain name, always the same file, where the place decides when.
    void find_candidates()
    {
        std::set<std::string> excluded;
        for (const auto& [name, module] : modules_) {
            if (package_of(module.file))
                continue;
            for (const auto& import : module.imports) {
                if (!is_candidate(module, import))
                    continue;
                const auto [known, is_new] = candidates_.emplace(import.specifier, import.target);
                if (!is_new && known->second != import.target)
                    excluded.insert(import.specifier);
            }
        }
        for (const auto& specifier : excluded)
            candidates_.erase(specifier);
    }

    bool is_candidate(const Module& module, const ModuleGraph::Import& import) const
    {
        const auto target = modules_.find(import.target);
        if (import.kind == Kind::statement || target == modules_.end())
            return false;
        const auto package = package_of(target->second.file);
        if (!package || package->name != import.specifier)
            return false;
        return import.kind == Kind::require || !target->second.is_esm ||
               !is_node_module_script(module.file);
    }

    std::set<std::string> reachable(const std::string& start, bool without_candidates) const
    {
        std::set<std::string> found{start};
        std::vector<std::string> waiting{start};
        while (!waiting.empty()) {
            const auto module = modules_.find(waiting.back());
            waiting.pop_back();
            if (module == modules_.end())
                continue;
            const bool is_authors = !package_of(module->second.file);
            for (const auto& import : module->second.imports) {
                if (without_candidates && is_authors && import.kind != Kind::statement &&
                    candidates_.contains(import.specifier))
                    continue;
                if (found.insert(import.target).second)
                    waiting.push_back(import.target);
            }
        }
        return found;
    }

    bool shares_modules(const std::string& target, const std::set<std::string>& rest) const
    {
        return std::ranges::any_of(reachable(target, false),
                                   [&](const auto& name) { return rest.contains(name); });
    }

    /// A part of the package, though not the same modules: the name stands for both.
    bool has_modules_in(const Candidates::value_type& candidate,
                        const std::set<std::string>& rest) const
    {
        return std::ranges::any_of(rest, [&](const auto& name) {
            const auto module = modules_.find(name);
            const auto package =
                module == modules_.end() ? std::nullopt : package_of(module->second.file);
            return package && package->name == candidate.first;
        });
    }

    const std::map<std::string, Module>& modules_;
    std::string entry_;
    Candidates candidates_;
};

json::object member_of_metafile(const std::filesystem::path& metafile, std::string_view name)
{
    const auto document = parse_json(read_file(metafile), metafile.string());
    const auto* object = document.if_object();
    const auto* member = object != nullptr ? object_member(*object, name) : nullptr;
    if (member == nullptr)
        throw Error("esbuild did not say what it bundled", "Reinstall @hillock-tech/nimbus-js.");
    return *member;
}

/// A metafile's names are relative to the directory that esbuild ran in.
std::filesystem::path file_named(std::string_view name, const std::filesystem::path& project)
{
    return (project / name).lexically_normal();
}

} // namespace

ModuleGraph ModuleGraph::read(const std::filesystem::path& metafile,
                              const std::filesystem::path& project)
{
    ModuleGraph graph;
    for (const auto& [name, description] : member_of_metafile(metafile, "inputs")) {
        const auto& module = description.as_object();
        graph.modules_.emplace(name, Module{file_named(name, project),
                                            string_or_empty(module, "format") == "esm",
                                            imports_of(module)});
    }
    return graph;
}

std::vector<std::filesystem::path> ModuleGraph::files() const
{
    std::vector<std::filesystem::path> files;
    for (const auto& [name, module] : modules_)
        if (std::filesystem::is_regular_file(module.file))
            files.push_back(module.file);
    return files;
}

std::map<std::string, std::filesystem::path> copied_files(const std::filesystem::path& metafile,
                                                          const std::filesystem::path& project)
{
    std::map<std::string, std::filesystem::path> files;
    for (const auto& [name, description] : member_of_metafile(metafile, "outputs")) {
        const auto* inputs = object_member(description.as_object(), "inputs");
        const std::filesystem::path file = file_named(name, project);
        if (inputs != nullptr && !inputs->empty() && file.extension() == ".node")
            files[file.filename()] = file_named(inputs->begin()->key(), project);
    }
    return files;
}

std::vector<std::string> exports_in(const std::filesystem::path& metafile)
{
    std::vector<std::string> names;
    for (const auto& [name, description] : member_of_metafile(metafile, "outputs"))
        if (const auto* exports = array_member(description.as_object(), "exports"))
            for (const auto& each : *exports)
                names.emplace_back(each.as_string());
    return names;
}

std::map<std::string, std::filesystem::path> packages_on_demand(const ModuleGraph& graph,
                                                                const std::filesystem::path& entry)
{
    std::map<std::string, std::filesystem::path> packages;
    for (const auto& [name, target] : Splitter(graph, entry).split())
        packages.emplace(name, graph.modules().at(target).file);
    return packages;
}

} // namespace nimbus::frontends
