#include "frontends/packages_apart.h"

#include "base/file.h"
#include "base/json.h"
#include "base/scratch_file.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "frontends/authors_files.h"
#include "frontends/deciding_files.h"
#include "frontends/package_loader.h"
#include "frontends/toolchain.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace nimbus::frontends {
namespace {

/// No module exports it.
constexpr std::string_view unknown_name = "nimbus_exports_no_such_name";

std::filesystem::path directory_in(const std::filesystem::path& place)
{
    return place / "apart";
}

std::filesystem::path record_in(const std::filesystem::path& directory)
{
    return directory / "record.json";
}

std::filesystem::path state_in(const std::filesystem::path& directory)
{
    return directory / "state.json";
}

std::filesystem::path bundle_in(const std::filesystem::path& directory)
{
    return directory / "bundle" / "packages.js";
}

/// How many times as large as the whole bundle the packages may be: all of what they export is in.
constexpr std::uintmax_t most_growth = 2;

/// What they follow from, but for the contents of files.
std::string commands_text(const PackagesApart::Settings& settings)
{
    auto text = join(bundler_command(settings.tools.esbuild,
                                     {.entry = settings.place,
                                      .external = settings.named,
                                      .is_development = settings.request.is_development()}),
                     " ");
    for (const auto& file : steering_files(settings.request.directory()))
        text += '\n' + file.string();
    return text;
}

std::string import_key(const std::filesystem::path& source, const ModuleGraph::Import& import)
{
    const bool is_require = import.kind == ModuleGraph::Kind::require;
    return source.parent_path().string() + '\n' + import.specifier + '\n' +
           (is_require ? "require" : "import");
}

/// "pg", "pg/lib/client": what esbuild lets another module stand in for.
bool names_package(std::string_view specifier)
{
    return !package_in(specifier).empty() && !specifier.starts_with('#');
}

bool is_identifier(std::string_view name)
{
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::ranges::all_of(
               name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '$'; });
}

/// Does the package say that its modules do nothing but export?
bool has_no_side_effects(const std::filesystem::path& module)
{
    const auto package = package_of(module);
    if (!package)
        return false;
    const auto file = package->directory / "package.json";
    const auto description = parse_json(read_file_if_exists(file).value_or("{}"), file.string());
    return description.is_object() &&
           bool_member(description.get_object(), "sideEffects") == std::optional(false);
}

/// What ES modules export, by their files; nothing when one has no list before it runs, or does not
/// stand alone.
std::optional<std::map<std::filesystem::path, std::vector<std::string>>>
exports_of(const std::vector<std::filesystem::path>& modules,
           const PackagesApart::Settings& settings, BundlerTask task,
           const std::filesystem::path& scratch)
{
    std::map<std::filesystem::path, std::vector<std::string>> names;
    if (modules.empty())
        return names;
    const auto directory = settings.request.directory();
    make_directories(scratch);
    task.aliases.clear();
    task.format = ModuleFormat::esm;
    task.metafile = scratch / "exports.json";

    // esbuild refuses a name that is not in a list, and takes any where there is none.
    std::string asking;
    for (std::size_t i = 0; i < modules.size(); ++i)
        asking += "export { " + std::string(unknown_name) + " as _" + std::to_string(i) +
                  " } from " + script_literal(modules[i].string()) + ";\n";
    task.entry = scratch / "asking.mjs";
    task.outfile = scratch / "asking.js";
    write_scratch_file(task.entry, asking);
    auto command = bundler_command(settings.tools.esbuild, task);
    command.emplace_back("--log-limit=0");
    const auto asked = run_tool(command, directory);
    const auto refusals =
        std::ranges::count_if(bundler_messages(asked.output), [](const BundlerMessage& message) {
            return message.is_error && message.text.contains("No matching export") &&
                   message.text.contains(unknown_name);
        });
    if (std::cmp_not_equal(refusals, modules.size()))
        return {};

    for (const auto& module : modules) {
        task.entry = module;
        task.outfile = scratch / "module.js";
        if (!run_tool(bundler_command(settings.tools.esbuild, task), directory).success)
            return {};
        const auto exported = exports_in(task.metafile);
        if (!std::ranges::all_of(exported, is_identifier))
            return {};
        names.emplace(module, exported);
    }
    return names;
}

json::array array_of(const auto& texts)
{
    json::array list;
    for (const auto& text : texts)
        list.emplace_back(std::string(text));
    return list;
}

json::object object_of(const std::map<std::string, std::filesystem::path>& paths)
{
    json::object object;
    for (const auto& [name, path] : paths)
        object[name] = path.string();
    return object;
}

std::map<std::string, std::filesystem::path> paths_in(const json::value& object)
{
    std::map<std::string, std::filesystem::path> paths;
    for (const auto& [name, path] : object.as_object())
        paths.emplace(name, std::string(path.as_string()));
    return paths;
}

} // namespace

std::optional<PackagesApart> PackagesApart::kept(const Settings& settings)
{
    PackagesApart apart(directory_in(settings.place));
    auto record = current_record(record_in(apart.place_), commands_text(settings));
    if (!record || !apart.load())
        return {};
    for (auto& stamp : record->files)
        if (!is_below(stamp.path, apart.place_))
            apart.inputs_.push_back(std::move(stamp));
    return apart;
}

bool PackagesApart::make(const Settings& settings, const ModuleGraph& graph,
                         const BundlerTask& task, const Findings& findings)
{
    const auto began = file_clock_now();
    PackagesApart apart(directory_in(settings.place));
    const bool is_divisible = apart.take(graph);
    if (const auto before = kept(settings); before && before->is_about(apart))
        return false;
    std::filesystem::remove_all(apart.place_);
    make_directories(apart.place_);
    apart.findings_ = findings;
    apart.is_useful_ = is_divisible && apart.bundle(settings, graph, task);
    apart.save(settings, began);
    return apart.is_useful_;
}

void PackagesApart::give_up(const Settings& settings) const
{
    auto useless = *this;
    useless.is_useful_ = false;
    std::erase_if(useless.inputs_,
                  [](const FileStamp& stamp) { return !package_of(stamp.path).has_value(); });
    useless.save(settings, file_clock_now());
}

/// Of the same imports, so that it would be made as it is.
bool PackagesApart::is_about(const PackagesApart& other) const
{
    return sources_ == other.sources_ && imports_ == other.imports_;
}

std::vector<PackageFile> PackagesApart::files() const
{
    std::vector<PackageFile> files;
    add_directory(files, bundle_in(place_).parent_path(), {});
    return files;
}

bool PackagesApart::fits(const ModuleGraph& graph) const
{
    return std::ranges::all_of(graph.modules(), [&](const auto& each) {
        const auto& module = each.second;
        if (is_below(module.file, place_))
            return true;
        if (!sources_.contains(module.file))
            return false;
        return std::ranges::all_of(module.imports, [&](const ModuleGraph::Import& import) {
            const auto target = graph.modules().find(import.target);
            return target == graph.modules().end() || !is_below(target->second.file, place_) ||
                   imports_.contains(import_key(module.file, import));
        });
    });
}

bool PackagesApart::is_meant_by(const BundlerMessage& message) const
{
    const auto name = place_.filename().string() + '/';
    return message.file.contains(name) || message.text.contains(name);
}

/// What the sources import from packages; false where that has to stay in one bundle.
bool PackagesApart::take(const ModuleGraph& graph)
{
    bool is_divisible = true;
    std::map<std::string, std::string> targets; // of everything that sources import
    for (const auto& [name, module] : graph.modules()) {
        const bool is_source = !package_of(module.file);
        if (is_source)
            sources_.insert(module.file);
        for (const auto& import : module.imports) {
            const auto target = graph.modules().find(import.target);
            if (target == graph.modules().end())
                continue;
            const auto& file = target->second.file;
            const bool is_packages = package_of(file).has_value();
            const bool is_named = names_package(import.specifier);
            if (!is_source) {
                is_divisible = is_divisible && is_packages;
                continue;
            }
            const auto known = targets.emplace(import.specifier, import.target).first;
            is_divisible = is_divisible && (!is_named || known->second == import.target);
            if (!is_packages)
                continue;
            is_divisible = is_divisible && is_named && is_script(file);
            modules_.emplace(import.specifier, file);
            imports_.insert(import_key(module.file, import));
        }
    }
    return is_divisible && !modules_.empty();
}

bool PackagesApart::bundle(const Settings& settings, const ModuleGraph& graph,
                           const BundlerTask& task)
{
    std::set<std::filesystem::path> with_exports;
    for (const auto& [name, module] : graph.modules())
        if (module.is_esm)
            with_exports.insert(module.file);
    std::vector<std::filesystem::path> asked;
    for (const auto& [specifier, file] : modules_)
        if (with_exports.contains(file) && std::ranges::find(asked, file) == asked.end())
            asked.push_back(file);
    const auto scratch = place_ / "scratch";
    const auto exports = exports_of(asked, settings, task, scratch);
    std::filesystem::remove_all(scratch);
    if (!exports)
        return false;

    for (const auto& [specifier, file] : modules_) {
        const auto stand_in = place_ / crypto::sha256_hex(specifier).substr(0, 16);
        make_directories(stand_in);
        write_scratch_file(stand_in / "package.json",
                           has_no_side_effects(file) ? "{\"sideEffects\": false}\n" : "{}\n");
        const auto required = stand_in / "module.cjs";
        write_scratch_file(required, stand_in_text(specifier));
        stand_ins_[specifier] = required;
        if (const auto found = exports->find(file); found != exports->end()) {
            stand_ins_[specifier] = stand_in / "module.js";
            write_scratch_file(stand_ins_[specifier], "export { " + join(found->second, ", ") +
                                                          " } from \"./module.cjs\";\n");
        }
    }

    auto packages = task;
    packages.entry = place_ / "packages.cjs";
    packages.outfile = bundle_in(place_);
    packages.metafile = place_ / "packages.json";
    packages.format = ModuleFormat::commonjs;
    packages.aliases.clear();
    write_scratch_file(packages.entry, package_loader_text(modules_));
    if (!run_bundler(settings.tools.esbuild, packages, settings.request).success ||
        !copied_files(packages.metafile, settings.request.directory()).empty())
        return false;
    if (std::filesystem::file_size(packages.outfile) >
        most_growth * std::filesystem::file_size(task.outfile))
        return false;
    for (const auto& file :
         ModuleGraph::read(packages.metafile, settings.request.directory()).files())
        if (package_of(file))
            inputs_.push_back(stamp_file(file));
        else if (file != packages.entry)
            return false;
    return true;
}

void PackagesApart::save(const Settings& settings, std::int64_t began) const
{
    json::array beside;
    for (const auto& package : findings_.beside)
        beside.push_back({package.name, package.directory.string()});
    write_scratch_file(state_in(place_),
                       json::serialize(json::object{{"isUseful", is_useful_},
                                                    {"modules", object_of(modules_)},
                                                    {"standIns", object_of(stand_ins_)},
                                                    {"sources", array_of(sources_)},
                                                    {"imports", array_of(imports_)},
                                                    {"external", array_of(findings_.external)},
                                                    {"beside", std::move(beside)},
                                                    {"read", object_of(findings_.read)},
                                                    {"warnings", findings_.warnings}}));
    BuildRecord record{commands_text(settings), inputs_};
    auto paths = steering_files(settings.request.directory());
    paths.merge(deciding_paths({sources_.begin(), sources_.end()}, settings.place));
    paths.insert({settings.tools.esbuild, state_in(place_)});
    if (is_useful_)
        paths.insert(bundle_in(place_));
    for (const auto& path : paths)
        record.files.push_back(stamp_file(path));
    save_record(record_in(place_), record, began);
}

/// False: of another version, which is made again.
bool PackagesApart::load()
try {
    const auto document = parse_json(read_file(state_in(place_)), state_in(place_).string());
    const auto& state = document.as_object();
    is_useful_ = state.at("isUseful").as_bool();
    modules_ = paths_in(state.at("modules"));
    stand_ins_ = paths_in(state.at("standIns"));
    for (const auto& source : state.at("sources").as_array())
        sources_.emplace(std::string(source.as_string()));
    for (const auto& import : state.at("imports").as_array())
        imports_.emplace(import.as_string());
    for (const auto& name : state.at("external").as_array())
        findings_.external.emplace_back(name.as_string());
    for (const auto& package : state.at("beside").as_array())
        findings_.beside.push_back(
            {std::string(package.at(0).as_string()), std::string(package.at(1).as_string())});
    findings_.read = paths_in(state.at("read"));
    findings_.warnings = string_or_empty(state, "warnings");
    return !is_useful_ || std::ranges::all_of(stand_ins_, [](const auto& each) {
        return std::filesystem::exists(each.second);
    });
} catch (const std::exception&) {
    return false;
}

} // namespace nimbus::frontends
