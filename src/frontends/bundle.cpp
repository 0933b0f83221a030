#include "frontends/bundle.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "frontends/decorator_metadata.h"
#include "frontends/esbuild.h"
#include "frontends/files_read.h"
#include "frontends/module_graph.h"
#include "frontends/node_packages.h"
#include "frontends/own_place.h"
#include "frontends/packages_beside.h"
#include "frontends/source_copies.h"
#include "frontends/toolchain.h"
#include "frontends/tsconfig.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace nimbus::frontends {
namespace {

std::string quoted(const std::string& text)
{
    std::string result;
    append_json_string(result, text);
    return result;
}

/// The bundle of a module that awaits something while it is loaded, as index.js knows it.
constexpr std::string_view awaited_module = "./application.mjs";

/// esbuild says that the application's module awaits something at its top level.
struct TopLevelAwait {};

bool is_about_top_level_await(const BundlerMessage& message)
{
    return message.is_error && message.text.contains("op-level await");
}

std::filesystem::path module_file(const BuildRequest& request,
                                  const std::optional<SourceCopies>& copies)
{
    return copies ? copies->copy_of(request.file) : request.file;
}

/// What is bundled. The module is loaded by a function, so that what goes wrong then can be told.
std::string entry_text(const BuildRequest& request, const std::filesystem::path& place,
                       const std::optional<SourceCopies>& copies, ModuleFormat format)
{
    const auto from_bundle = [&](const std::filesystem::path& directory) {
        return quoted(directory.lexically_relative(place / "bundle").string() + '/');
    };
    auto text = "module.exports = require(" + quoted(std::string(node_sdk) + "/runtime") +
                ").start({\n    file: __filename,\n    root: " + from_bundle(request.directory());
    if (copies)
        text += ",\n    copies: " + from_bundle(copies->copy_of(request.directory()));
    const auto loading =
        format == ModuleFormat::esm
            ? "import(" + quoted(std::string(awaited_module)) + ").then((it) => it.application)"
            : "require(" + quoted(module_file(request, copies).string()) + ')';
    return text +
           ",\n    isMain: !!require.main && require.main.filename === __filename,\n    name: " +
           quoted(request.name()) + ",\n    load: () => " + loading + ",\n});\n";
}

/// Refuses configurations of the author's sources that no bundle honours.
void require_configurations_honoured(const ModuleGraph& graph, const BuildRequest& request)
{
    std::map<std::filesystem::path, std::pair<TsConfig, bool>> configurations;
    for (const auto& file : graph.files()) {
        const auto extension = file.extension();
        const bool has_jsx = extension == ".tsx" || extension == ".jsx";
        if (package_of(file) ||
            (!has_jsx && extension != ".ts" && extension != ".mts" && extension != ".cts"))
            continue;
        if (auto config = tsconfig_for(file))
            configurations.try_emplace(config->file, std::move(*config), false)
                .first->second.second |= has_jsx;
    }
    for (const auto& [file, configuration] : configurations)
        require_bundleable(configuration.first, configuration.second, request.directory());
}

/// An excerpt as esbuild draws it, below the sentence.
std::string shown(const std::vector<BundlerMessage>& messages)
{
    std::string text;
    for (const auto& message : messages) {
        text += place_and_text(message) + '\n';
        for (const auto& line : message.excerpt)
            text += line + '\n';
    }
    return text;
}

/// The module that esbuild did not find, if that is what it says.
std::optional<std::string> unresolved_name(const BundlerMessage& message)
{
    constexpr std::string_view unresolved = "Could not resolve \"";
    if (!message.text.starts_with(unresolved))
        return {};
    return message.text.substr(unresolved.size(), message.text.size() - unresolved.size() - 1);
}

bool is_path(std::string_view name)
{
    return name.starts_with('.') || name.starts_with('/');
}

/// What installed packages ask for and do not find, when nothing else is wrong: drivers that they
/// can use, or parts for other machines. They find out themselves, if they come to it.
std::vector<std::string> missing_in_packages(const BundlerRun& run)
{
    std::vector<std::string> names;
    for (const auto& message : run.messages) {
        if (!message.is_error)
            continue;
        const auto name = unresolved_name(message);
        if (!name || package_in(*name).empty() ||
            message.file.find("node_modules/") == std::string::npos)
            return {};
        names.push_back(*name);
    }
    return names;
}

std::string way_out(const BundlerMessage& message)
{
    if (const auto name = unresolved_name(message)) {
        if (is_path(*name))
            return "There is no such file.";
        const auto package = package_in(*name);
        if (package == "nimbus" || package == "nimbus-js") // other people's
            return "Nimbus's package is called " + std::string(node_sdk) + ".";
        return package.empty() ? "" : "Install it: npm install " + package + '.';
    }
    return {};
}

[[noreturn]] void throw_bundler_error(const BuildRequest& request, const BundlerRun& run)
{
    std::vector<BundlerMessage> errors;
    std::ranges::copy_if(run.messages, std::back_inserter(errors), &BundlerMessage::is_error);
    if (errors.empty()) {
        show_output(request.options, run.output);
        throw Error(request.name() + " cannot be bundled", "esbuild's messages above say why.");
    }
    show_output(request.options, shown(errors));
    throw Error(request.name() + " cannot be bundled: " + place_and_text(errors.front()),
                way_out(errors.front()));
}

/// Of the author's own files: what packages do has been seen by many.
void show_warnings(const BuildRequest& request, std::vector<BundlerMessage> messages)
{
    std::erase_if(messages, [](const BundlerMessage& message) {
        return message.file.find("node_modules/") != std::string::npos;
    });
    if (!messages.empty())
        show_output(request.options, shown(messages));
}

/// What esbuild is asked for, with all that one run tells the next.
class Bundling {
public:
    Bundling(const BuildRequest& request, const BundleTools& tools,
             const std::filesystem::path& place, const std::vector<std::string>& named)
        : request_(request), tools_(tools), place_(place)
    {
        if (const auto config = tsconfig_for(request.file))
            conditions_ = config->custom_conditions();
        for (const auto& name : named)
            for (const auto& package : with_drivers(name))
                keep(package);
        write_entry({});
    }

    Bundle make()
    {
        auto messages = bundle_first();
        const auto graph = ModuleGraph::read(place_ / "inputs.json", request_.directory());
        require_configurations_honoured(graph, request_);
        auto inputs = graph.files();
        const auto copies = copy_sources(graph, inputs);
        if (copies)
            write_entry(copies);
        const auto kept_before = beside_.size();
        for (const auto& package : packages_beside(graph, request_.directory()))
            keep(package);
        auto on_demand = packages_on_demand(graph, application_entry());
        for (const auto& name : external_)
            on_demand.erase(name);
        if (copies || beside_.size() > kept_before || !on_demand.empty()) {
            auto again = bundle_application(on_demand);
            if (!copies) // else they are about these
                messages = std::move(again);
            bundle_packages(on_demand);
        }
        show_warnings(request_, std::move(messages));
        if (const auto warnings = warnings_of_loads(graph, beside_, request_.directory());
            !warnings.empty())
            show_output(request_.options, join(warnings, "\n"));

        Bundle bundle{std::move(inputs), {}, {}};
        add_directory(bundle.files, place_ / "bundle", {});
        take_originals(bundle.files);
        std::ranges::move(files_of(beside_), std::back_inserter(bundle.files));
        add_files_read(bundle, graph);
        for (const auto& package : beside_)
            bundle.beside.push_back(package.name);
        return bundle;
    }

private:
    using Packages = std::map<std::string, std::filesystem::path>;

    /// The author's sources, with what is imported for its types where decorators need it: there,
    /// types are values.
    std::vector<std::filesystem::path> sources(const ModuleGraph& graph)
    {
        const auto config = tsconfig_for(request_.file);
        if (!config || !config->asks_for(decorator_metadata))
            return authors_files(graph, place_);
        auto options = config->options;
        options["verbatimModuleSyntax"] = true;
        const auto all_imports = place_ / "all-imports.json";
        write_file(all_imports, json::serialize(json::object{{"compilerOptions", options}}));
        const BundlerTask task{.entry = application_entry(),
                               .outfile = place_ / "all-imports.js",
                               .metafile = place_ / "all-imports-made.json",
                               .external = external_,
                               .format = format_,
                               .tsconfig = all_imports};
        run(task);
        return authors_files(ModuleGraph::read(task.metafile, request_.directory()), place_);
    }

    /// Is it bundled to another directory than that which it is in?
    bool moves(const std::filesystem::path& source) const
    {
        return source.parent_path() != request_.directory() &&
               is_below(source, request_.directory()) && is_script(source);
    }

    /// Where decorators need their metadata, or sources in other directories than the bundle will
    /// be in ask where they are. Adds to `inputs` what that takes.
    std::optional<SourceCopies> copy_sources(const ModuleGraph& graph,
                                             std::vector<std::filesystem::path>& inputs)
    {
        const auto files = sources(graph);
        for (const auto& file : files)
            if (std::ranges::find(inputs, file) == inputs.end())
                inputs.push_back(file);
        const auto compiled = compile_decorators(request_, tools_.node, files, place_);
        std::map<std::filesystem::path, std::string> changed;
        for (const auto& file : files) {
            const auto made = compiled.find(file);
            auto text = read_file(made == compiled.end() ? file : made->second);
            if (moves(file) && asks_its_place(text))
                changed[file] =
                    with_own_place(text, file.lexically_relative(request_.directory()).string());
            else if (made != compiled.end())
                changed[file] = std::move(text);
        }
        if (changed.empty())
            return {};
        SourceCopies copies(common_root(files, request_.directory()), place_ / "source");
        for (const auto& file : files) {
            const auto found = changed.find(file);
            copies.add(file, found == changed.end() ? read_file(file) : found->second);
        }
        return copies;
    }

    /// Adds what the author's sources read when they run.
    void add_files_read(Bundle& bundle, const ModuleGraph& graph) const
    {
        const auto read =
            files_read_by(authors_files(graph, place_), request_.directory(), request_.name());
        bundle.files = joined_files(std::move(bundle.files), read.shipped.files, request_.name());
        for (const auto& directory : read.shipped.directories)
            bundle.inputs.push_back(directory);
        if (!read.warnings.empty())
            show_output(request_.options, join(read.warnings, "\n"));
    }

    /// Has it go beside the bundle.
    void keep(const InstalledPackage& package)
    {
        if (std::ranges::find(beside_, package) != beside_.end())
            return;
        beside_.push_back(package);
        external_.push_back(package.name);
    }

    /// A package that the application named, and what it may load by a computed name.
    std::vector<InstalledPackage> with_drivers(const std::string& name) const
    {
        const auto directory = find_package(request_.directory(), name);
        if (!directory)
            throw Error(request_.name() + " names the package " + name +
                            " as external, and no node_modules has it",
                        "Install it: npm install " + name + '.');
        std::vector<InstalledPackage> packages{{name, *directory}};
        std::ranges::move(drivers_of(packages.front(), request_.directory()),
                          std::back_inserter(packages));
        return packages;
    }

    /// What the graph of the application begins with.
    std::filesystem::path application_entry() const
    {
        return (place_ / (format_ == ModuleFormat::esm ? awaited_module : "entry.cjs"))
            .lexically_normal();
    }

    void write_entry(const std::optional<SourceCopies>& copies) const
    {
        write_file(place_ / "entry.cjs", entry_text(request_, place_, copies, format_));
        if (format_ == ModuleFormat::esm)
            write_file(application_entry(), "import * as application from " +
                                                quoted(module_file(request_, copies).string()) +
                                                ";\nexport { application };\n");
    }

    /// In CommonJS, which starts faster, unless the module awaits something while it is loaded.
    std::vector<BundlerMessage> bundle_first()
    {
        try {
            return bundle_application({});
        } catch (const TopLevelAwait&) {
            format_ = ModuleFormat::esm;
            write_entry({});
            return bundle_application({});
        }
    }

    std::vector<BundlerMessage> run(BundlerTask task)
    {
        task.is_development = request_.is_development();
        task.conditions = conditions_;
        for (;;) {
            auto run = run_bundler(tools_.esbuild, task, request_);
            if (run.success)
                return std::move(run.messages);
            if (task.format == ModuleFormat::commonjs &&
                std::ranges::any_of(run.messages, is_about_top_level_await))
                throw TopLevelAwait();
            const auto missing = missing_in_packages(run);
            if (missing.empty())
                throw_bundler_error(request_, run);
            task.external.insert(task.external.end(), missing.begin(), missing.end());
            external_.insert(external_.end(), missing.begin(), missing.end());
        }
    }

    /// index.js, in a directory that holds nothing else yet.
    std::vector<BundlerMessage> bundle_application(const Packages& on_demand)
    {
        std::filesystem::remove_all(place_ / "bundle");
        make_directories(place_ / "bundle");
        // Whatever the project's package.json says, or one above the unpacked archive.
        write_file(place_ / "bundle" / "package.json", "{\"type\": \"commonjs\"}\n");
        // For the local cloud, which otherwise loads the handlers that index.js exports.
        write_file(place_ / "bundle" / ".serves-runtime-api",
                   "index.js serves Lambda's Runtime API itself when Node runs it.\n");
        const bool is_awaited = format_ == ModuleFormat::esm;
        if (is_awaited)
            run({.entry = place_ / "entry.cjs",
                 .outfile = place_ / "bundle" / "index.js",
                 .metafile = place_ / "runtime.json",
                 .external = {std::string(awaited_module)}});
        BundlerTask task{.entry = application_entry(),
                         .outfile = place_ / "bundle" / (is_awaited ? awaited_module : "index.js"),
                         .metafile = place_ / "inputs.json",
                         .external = external_,
                         .format = format_};
        for (const auto& [name, file] : on_demand) {
            auto& stand_in = task.aliases[name];
            stand_in = place_ / (crypto::sha256_hex(name).substr(0, 16) + ".cjs");
            write_file(stand_in, "module.exports = " + std::string(package_loader) + '(' +
                                     quoted(name) + ");\n");
        }
        originals_.clear();
        return run_copying(task);
    }

    /// packages.js: a function that loads one of them.
    void bundle_packages(const Packages& packages)
    {
        if (packages.empty())
            return;
        std::string text = "module.exports = (name) => {\n    switch (name) {\n";
        for (const auto& [name, file] : packages)
            text +=
                "    case " + quoted(name) + ": return require(" + quoted(file.string()) + ");\n";
        write_file(place_ / "packages.cjs", text + "    }\n};\n");
        run_copying({.entry = place_ / "packages.cjs",
                     .outfile = place_ / "bundle" / "packages.js",
                     .metafile = place_ / "packages.json",
                     .external = external_});
    }

    /// Runs esbuild, and keeps in mind what it copied.
    std::vector<BundlerMessage> run_copying(const BundlerTask& task)
    {
        auto messages = run(task);
        originals_.merge(copied_files(task.metafile, request_.directory()));
        return messages;
    }

    /// Has copies that esbuild made come from the files that they are of: where these are installed
    /// tells which addon they are (native_addons.h).
    void take_originals(std::vector<PackageFile>& files) const
    {
        for (auto& file : files)
            if (const auto found = originals_.find(file.name); found != originals_.end())
                file = package_file(file.name, found->second);
    }

    const BuildRequest& request_;
    const BundleTools& tools_;
    const std::filesystem::path& place_;
    ModuleFormat format_ = ModuleFormat::commonjs;
    std::vector<std::string> conditions_; ///< of tsconfig.json
    std::vector<InstalledPackage> beside_;
    /// Packages that are left to `require`: they go beside the bundle as they are, or are missing.
    std::vector<std::string> external_;
    /// Of the bundle as it is now: by the names of copies, what they are of.
    std::map<std::string, std::filesystem::path> originals_;
};

} // namespace

void add_directory(std::vector<PackageFile>& files, const std::filesystem::path& directory,
                   const std::filesystem::path& name)
{
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const auto here = name / entry.path().filename();
        if (entry.is_directory() && entry.path().filename() != "node_modules")
            add_directory(files, entry.path(), here);
        else if (entry.is_regular_file())
            files.push_back(package_file(here.string(), entry.path()));
    }
}

PackageFile package_file(std::string name, const std::filesystem::path& source)
{
    using std::filesystem::perms;
    const auto permissions = std::filesystem::status(source).permissions();
    const bool runs = (permissions & perms::owner_exec) != perms::none;
    return {std::move(name), source, runs ? mode_t{0755} : mode_t{0644}};
}

Bundle make_bundle(const BuildRequest& request, const BundleTools& tools,
                   const std::filesystem::path& place, const std::vector<std::string>& named)
{
    return Bundling(request, tools, place, named).make();
}

} // namespace nimbus::frontends
