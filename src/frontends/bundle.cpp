#include "frontends/bundle.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/scratch_file.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "frontends/authors_files.h"
#include "frontends/bundler_mistakes.h"
#include "frontends/database_client.h"
#include "frontends/decorator_metadata.h"
#include "frontends/esbuild.h"
#include "frontends/files_read.h"
#include "frontends/module_graph.h"
#include "frontends/node_packages.h"
#include "frontends/own_place.h"
#include "frontends/package_loader.h"
#include "frontends/packages_apart.h"
#include "frontends/packages_beside.h"
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

/// The bundle of a module that awaits something while it is loaded, as index.js knows it.
constexpr std::string_view awaited_module = "./application.mjs";

/// esbuild says that the application's module awaits something at its top level.
struct TopLevelAwait {};

bool is_about_top_level_await(const BundlerMessage& message)
{
    return message.is_error && message.text.contains("op-level await");
}

/// What is bundled. The module is loaded by a function, so that what goes wrong then can be told.
std::string entry_text(const BuildRequest& request, const std::filesystem::path& place,
                       ModuleFormat format)
{
    const auto root = request.directory().lexically_relative(place / "bundle").string() + '/';
    const auto loading = format == ModuleFormat::esm
                             ? "import(" + script_literal(std::string(awaited_module)) +
                                   ").then((it) => it.application)"
                             : "require(" + script_literal(request.file.string()) + ')';
    return reserved_names(ModuleFormat::commonjs) + "module.exports = require(" +
           script_literal(std::string(node_sdk) + "/runtime") +
           ").start({\n    file: __filename,\n    root: " + script_literal(root) +
           ",\n    isMain: !!require.main && require.main.filename === __filename,\n    name: " +
           script_literal(request.name()) + ",\n    load: () => " + loading + ",\n});\n";
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

/// What esbuild is asked for, with all that one run tells the next.
class Bundling {
public:
    Bundling(const BuildRequest& request, const BundleTools& tools,
             const std::filesystem::path& place, const std::vector<std::string>& named)
        : request_(request), tools_(tools), place_(place), named_(named)
    {
        if (const auto config = tsconfig_for(request.file))
            conditions_ = config->custom_conditions();
        for (const auto& name : named)
            for (const auto& package : with_drivers(name))
                keep(package);
        write_entry();
    }

    Bundle make()
    {
        auto messages = bundle_first();
        const auto graph = ModuleGraph::read(place_ / "inputs.json", request_.directory());
        require_configurations_honoured(graph, request_);
        auto inputs = graph.files();
        const auto authors = sources(graph);
        add_inputs(inputs, authors);
        contents_ = own_places(authors);
        const bool is_compiled = compile(authors);
        const auto kept_before = beside_.size();
        for (const auto& package : packages_beside(graph, request_.directory()))
            keep(package);
        for (const auto& package : packages_required(authors))
            keep(package);
        read_by_packages_ = files_read_by_packages(graph, beside_, request_.directory());
        contents_.merge(own_places(read_by_packages_.modules));
        auto on_demand = packages_on_demand(graph, application_entry());
        for (const auto& name : external_)
            on_demand.erase(name);
        if (!contents_.empty() || beside_.size() > kept_before || !on_demand.empty()) {
            auto again = bundle_in_parts(std::move(on_demand));
            if (!is_compiled) // else they are about what the compiler made
                messages = std::move(again);
        }
        const auto warnings = join(warnings_of_loads(graph, beside_, request_.directory()), "\n");
        tell(shown_warnings(std::move(messages)));
        if (request_.is_development() && format_ == ModuleFormat::commonjs)
            made_packages_apart_ =
                PackagesApart::make(settings(), graph, task({}),
                                    {beside_, external_, warnings, read_by_packages_.files});
        return finished(graph, std::move(inputs), warnings);
    }

    /// The sources alone, for packages that are bundled already. Nothing when it has to be done as
    /// a whole: with a mistake, for it is told of the whole; or with imports that are new.
    std::optional<Bundle> make_with(const PackagesApart& apart)
    {
        apart_ = &apart;
        beside_ = apart.findings().beside;
        external_ = apart.findings().external;
        read_by_packages_.files = apart.findings().read;
        contents_ = own_places(apart.authors_files());
        auto messages = bundle_sources();
        if (!messages)
            return {};
        const auto graph = ModuleGraph::read(place_ / "inputs.json", request_.directory());
        if (!apart.fits(graph))
            return {};
        require_configurations_honoured(graph, request_);
        auto inputs = authors_files(graph, place_);
        const auto authors = sources(graph);
        add_inputs(inputs, authors);
        if (std::ranges::any_of(packages_required(authors), [&](const auto& package) {
                return std::ranges::find(beside_, package) == beside_.end();
            }))
            return {};
        if (compile(authors) && !bundle_sources())
            return {};
        tell(shown_warnings(std::move(*messages)));
        inputs.push_back(application_entry());
        auto bundle = finished(graph, std::move(inputs), apart.findings().warnings);
        bundle.stamps = apart.inputs();
        return bundle;
    }

    /// Is there now what make_with needs, and was not before?
    bool made_packages_apart() const noexcept { return made_packages_apart_; }

    /// What the author should know of it.
    const std::string& remarks() const noexcept { return remarks_; }

private:
    using Packages = std::map<std::string, std::filesystem::path>;
    using Contents = std::map<std::filesystem::path, std::string>;

    void tell(const std::string& remark)
    {
        remarks_ += remark;
        if (!remark.empty() && !remark.ends_with('\n'))
            remarks_ += '\n';
    }

    PackagesApart::Settings settings() const { return {request_, tools_, place_, named_}; }

    /// All that Lambda gets.
    Bundle finished(const ModuleGraph& graph, std::vector<std::filesystem::path> inputs,
                    const std::string& warnings)
    {
        tell(warnings);
        if (!find_package(request_.directory(), database_client))
            tell(join(warnings_of_queries(authors_files(graph, place_), request_.directory()),
                      "\n"));
        Bundle bundle{std::move(inputs), {}, {}};
        add_directory(bundle.files, place_ / "bundle", {});
        take_originals(bundle.files);
        if (apart_ != nullptr)
            std::ranges::move(apart_->files(), std::back_inserter(bundle.files));
        std::ranges::move(files_of(beside_), std::back_inserter(bundle.files));
        add_files_read(bundle, graph);
        for (const auto& package : beside_)
            bundle.beside.push_back(package.name);
        return bundle;
    }

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
        write_scratch_file(all_imports,
                           json::serialize(json::object{{"compilerOptions", options}}));
        const BundlerTask task{.entry = application_entry(),
                               .outfile = place_ / "all-imports.js",
                               .metafile = place_ / "all-imports-made.json",
                               .external = external_,
                               .aliases = apart_ != nullptr ? apart_->stand_ins() : Packages(),
                               .format = format_,
                               .tsconfig = all_imports};
        run(task);
        return authors_files(ModuleGraph::read(task.metafile, request_.directory()), place_);
    }

    static void add_inputs(std::vector<std::filesystem::path>& inputs,
                           const std::vector<std::filesystem::path>& files)
    {
        for (const auto& file : files)
            if (std::ranges::find(inputs, file) == inputs.end())
                inputs.push_back(file);
    }

    /// The modules among the files that ask where they are, with what tells them.
    Contents own_places(const std::vector<std::filesystem::path>& files) const
    {
        Contents contents;
        for (const auto& file : files) {
            const auto path = path_in_archive(file, request_.directory());
            if (!path || !is_script(file) || file.parent_path() == place_)
                continue;
            const auto text = read_file_if_exists(file);
            if (text && asks_its_place(*text))
                contents.emplace(file, with_own_place(*text, *path));
        }
        return contents;
    }

    /// What the author's sources load by functions of their own, which esbuild does not follow.
    std::vector<InstalledPackage>
    packages_required(const std::vector<std::filesystem::path>& authors) const
    {
        std::vector<InstalledPackage> packages;
        for (const auto& file : authors)
            if (is_script(file))
                for (const auto& name :
                     packages_required_from_place(read_file_if_exists(file).value_or("")))
                    if (const auto directory = find_package(file.parent_path(), name))
                        packages.push_back({name, *directory});
        return packages;
    }

    /// Has sources whose decorators need metadata be bundled as their compiler made them. Were
    /// there any?
    bool compile(const std::vector<std::filesystem::path>& sources)
    {
        const auto compiled = compile_decorators(request_, tools_.node, sources, place_);
        for (const auto& [file, text] : compiled) {
            const auto path = path_in_archive(file, request_.directory());
            contents_[file] = path && asks_its_place(text) ? with_own_place(text, *path) : text;
        }
        return !compiled.empty();
    }

    /// Adds what the author's sources and packages in the bundle read when they run.
    void add_files_read(Bundle& bundle, const ModuleGraph& graph)
    {
        const auto read =
            files_read_by(authors_files(graph, place_), request_.directory(), request_.name());
        bundle.files = joined_files(std::move(bundle.files), read.shipped.files, request_.name(),
                                    names_in_bundles());
        std::vector<PackageFile> of_packages;
        for (const auto& [name, file] : read_by_packages_.files)
            of_packages.push_back(package_file(name, file));
        bundle.files = joined_files(std::move(bundle.files), of_packages, request_.name());
        for (const auto& directory : read.shipped.directories)
            bundle.inputs.push_back(directory);
        tell(join(read.warnings, "\n"));
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

    void write_entry() const
    {
        write_scratch_file(place_ / "entry.cjs", entry_text(request_, place_, format_));
        if (format_ == ModuleFormat::esm)
            write_scratch_file(application_entry(), reserved_names(format_) +
                                                        "import * as application from " +
                                                        script_literal(request_.file.string()) +
                                                        ";\nexport { application };\n");
    }

    /// In CommonJS, which starts faster, unless the module awaits something while it is loaded.
    std::vector<BundlerMessage> bundle_first()
    {
        try {
            return bundle_application({});
        } catch (const TopLevelAwait&) {
            format_ = ModuleFormat::esm;
            write_entry();
            return bundle_application({});
        }
    }

    BundlerTask with_settings(BundlerTask task) const
    {
        task.is_development = request_.is_development();
        task.conditions = conditions_;
        task.contents = contents_;
        return task;
    }

    std::vector<BundlerMessage> run(BundlerTask task)
    {
        task = with_settings(std::move(task));
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

    /// index.js without the packages; nothing when esbuild finds a mistake.
    std::optional<std::vector<BundlerMessage>> bundle_sources()
    {
        empty_bundle();
        auto run = run_bundler(tools_.esbuild, task(apart_->stand_ins()), request_);
        if (!run.success || std::ranges::any_of(run.messages, [&](const BundlerMessage& message) {
                return apart_->is_meant_by(message);
            }))
            return {};
        originals_ = copied_files(place_ / "inputs.json", request_.directory());
        return std::move(run.messages);
    }

    /// What makes the application's bundle.
    BundlerTask task(const Packages& aliases) const
    {
        return with_settings(
            {.entry = application_entry(),
             .outfile =
                 place_ / "bundle" / (format_ == ModuleFormat::esm ? awaited_module : "index.js"),
             .metafile = place_ / "inputs.json",
             .external = external_,
             .aliases = aliases,
             .format = format_});
    }

    /// The directory holds afterwards what all bundles have, and nothing else.
    void empty_bundle() const
    {
        // Whatever the project's package.json says, or one above the unpacked archive.
        constexpr std::string_view kind = "package.json";
        // For the local cloud, which otherwise loads the handlers that index.js exports.
        constexpr std::string_view mark = ".serves-runtime-api";
        make_directories(place_ / "bundle");
        for (const auto& entry : std::filesystem::directory_iterator(place_ / "bundle"))
            if (const auto name = entry.path().filename(); name != kind && name != mark)
                std::filesystem::remove_all(entry.path());
        write_scratch_file(place_ / "bundle" / kind, "{\"type\": \"commonjs\"}\n");
        write_scratch_file(place_ / "bundle" / mark,
                           "index.js serves Lambda's Runtime API itself when Node runs it.\n");
    }

    /// index.js, in a directory that holds nothing else yet.
    std::vector<BundlerMessage> bundle_application(const Packages& on_demand)
    {
        empty_bundle();
        if (format_ == ModuleFormat::esm)
            run({.entry = place_ / "entry.cjs",
                 .outfile = place_ / "bundle" / "index.js",
                 .metafile = place_ / "runtime.json",
                 .external = {std::string(awaited_module)}});
        Packages aliases;
        for (const auto& [name, file] : on_demand) {
            auto& stand_in = aliases[name];
            stand_in = place_ / (crypto::sha256_hex(name).substr(0, 16) + ".cjs");
            write_scratch_file(stand_in, stand_in_text(name));
        }
        originals_.clear();
        return run_copying(task(aliases));
    }

    /// index.js, and beside it the packages that wait until they are asked for. One that awaits
    /// something while it is loaded cannot be loaded from there: then all stay together.
    std::vector<BundlerMessage> bundle_in_parts(Packages on_demand)
    {
        auto messages = bundle_application(on_demand);
        try {
            bundle_packages(on_demand);
        } catch (const TopLevelAwait&) {
            return bundle_application({});
        }
        return messages;
    }

    /// packages.js: a function that loads one of them.
    void bundle_packages(const Packages& packages)
    {
        if (packages.empty())
            return;
        write_scratch_file(place_ / "packages.cjs", package_loader_text(packages));
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
    const std::vector<std::string>& named_;
    const PackagesApart* apart_ = nullptr; ///< null: all is bundled together
    ModuleFormat format_ = ModuleFormat::commonjs;
    std::vector<std::string> conditions_; ///< of tsconfig.json
    std::string remarks_;
    bool made_packages_apart_ = false;
    std::vector<InstalledPackage> beside_;
    /// Packages that are left to `require`: they go beside the bundle as they are, or are missing.
    std::vector<std::string> external_;
    Contents contents_; ///< of modules that are not bundled as their files are
    FilesReadByPackages read_by_packages_;
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

std::vector<std::string> names_in_bundles()
{
    std::vector<std::string> names{"package.json"};
    for (const std::string script : {"index.js", "packages.js", "application.mjs"}) {
        names.push_back(script);
        names.push_back(script + ".map");
    }
    return names;
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
    const PackagesApart::Settings settings{request, tools, place, named};
    const auto shown = [&](const Bundling& bundling, Bundle bundle) {
        show_output(request.options, bundling.remarks());
        return bundle;
    };
    for (const bool is_new : {false, true}) {
        const auto apart = request.is_development() ? PackagesApart::kept(settings) : std::nullopt;
        if (apart && apart->is_useful()) {
            Bundling sources(request, tools, place, named);
            if (auto bundle = sources.make_with(*apart))
                return shown(sources, std::move(*bundle));
            if (is_new)
                apart->give_up(settings);
        }
        Bundling whole(request, tools, place, named);
        auto bundle = whole.make();
        if (is_new || !whole.made_packages_apart())
            return shown(whole, std::move(bundle));
    }
    std::unreachable();
}

} // namespace nimbus::frontends
