#include "frontends/application.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "frontends/build_directory.h"
#include "frontends/describe.h"
#include "frontends/executable.h"
#include "frontends/front_end.h"
#include "frontends/kept_tools.h"
#include "frontends/native_addons.h"
#include "frontends/package.h"
#include "frontends/shipped_files.h"
#include "manifest/files.h"
#include "manifest/parse.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace nimbus::frontends {
namespace {

/// What npm writes last.
constexpr const char* installed_lock = ".package-lock.json";

constexpr const char* what_file_may_be = "FILE is a CMakeLists.txt, a source in C++, TypeScript or "
                                         "JavaScript, or a built executable.";

const FrontEnd& front_end_for(const std::filesystem::path& file)
{
    for (const auto& front_end : front_ends())
        if (front_end.takes(file))
            return front_end;
    if (file.extension() == ".json")
        throw UsageError("'" + file.filename().string() + "' is a manifest, not an application",
                         "Deploy the program that writes it: a deploy needs its code, too.");
    throw UsageError("'" + file.filename().string() + "' is not an application", what_file_may_be);
}

manifest::Manifest read_manifest(const Description& description, const std::string& name,
                                 manifest::Sections sections)
{
    try {
        return manifest::parse_manifest(description.manifest, name, sections);
    } catch (const manifest::ManifestError& error) {
        throw manifest::ManifestError(name, with_places(error.problems(), description.places));
    }
}

/// What the program is described with: `code` holds nothing else.
void link_files(const Program& program, const std::filesystem::path& code)
{
    for (const auto& file : program.files) {
        make_directories((code / file.name).parent_path());
        std::filesystem::create_symlink(file.source, code / file.name);
    }
}

Description described(const Program& program, const BuildRequest& request)
{
    auto* kept = request.options.kept;
    const auto waiting = kept == nullptr ? nullptr : kept->take_waiting(program, request);
    if (waiting) {
        link_files(program, waiting->code());
        return waiting->finish(request.name(), program.hints, longest_description);
    }
    DescribingProgram run({.arguments = program.command, .directory = request.directory()});
    link_files(program, run.code());
    run.start(request.name());
    return run.finish(request.name(), program.hints, longest_description);
}

} // namespace

std::filesystem::path find_application(const std::filesystem::path& directory)
{
    std::vector<std::string> names;
    for (const auto& front_end : front_ends()) {
        if (front_end.default_file.empty())
            continue;
        names.emplace_back(front_end.default_file);
        std::error_code ignored;
        if (std::filesystem::is_regular_file(directory / names.back(), ignored))
            return std::filesystem::absolute(directory / names.back()).lexically_normal();
    }
    throw UsageError("There is no application in '" + directory.string() + "': no " +
                         join(names, ", no "),
                     "Go to the directory of an application, or name its file.");
}

std::filesystem::path application_file(const std::filesystem::path& path)
{
    std::error_code ignored;
    auto absolute = std::filesystem::absolute(path).lexically_normal();
    if (std::filesystem::is_directory(absolute, ignored))
        return find_application(absolute);
    if (!std::filesystem::exists(absolute, ignored))
        throw UsageError("There is no file '" + path.string() + "'", what_file_may_be);
    if (!std::filesystem::is_regular_file(absolute, ignored))
        throw UsageError("'" + path.string() + "' is not a file", what_file_may_be);
    front_end_for(absolute);
    return absolute;
}

namespace {

/// Has all functions run on this machine's architecture.
void move_here(BuiltApplication& application)
{
    const auto replace = [&](std::string& architecture) {
        if (architecture != host_architecture)
            application.other_architectures.insert(std::exchange(architecture, host_architecture));
    };
    for (auto& function : application.manifest.functions)
        replace(function.architecture);
    application.manifest.architecture = host_architecture;
}

std::set<std::string> architectures_of(const manifest::Manifest& manifest)
{
    std::set<std::string> architectures;
    for (const auto& function : manifest.functions)
        architectures.insert(function.architecture);
    if (architectures.empty()) // a program that could not run is refused all the same
        architectures.insert(manifest.architecture);
    return architectures;
}

/// What a program says of itself may change how it is built, and then what it says: after so many
/// rounds it is taken as it is.
constexpr int most_rounds = 4;

/// A program, where it was built, and what it says of itself.
struct Build {
    BuildDirectory place;
    Program program;
    Description description;
};

Build build(const FrontEnd& front_end, const BuildRequest& request)
{
    const auto key =
        front_end.build_key(request) + (request.is_development() ? "\ndevelopment" : "");
    BuildDirectory place(request.directory(), key, request.options.progress);
    for (int round = 1;; ++round) {
        auto program = front_end.build(request, place);
        // Before it is asked what it declares: for a clear answer where it cannot even be run.
        if (!program.bootstrap.empty())
            inspect_executable(program.bootstrap);
        auto description = described(program, request);
        if (round == most_rounds || front_end.heed == nullptr ||
            !front_end.heed(description, place))
            return {std::move(place), std::move(program), std::move(description)};
    }
}

void require_runs(const Program& program, const BuildRequest& request)
{
    if (request.is_development()) // it is linked to what this machine has
        return;
    if (program.bootstrap.empty())
        return require_addons_for(request.architecture, program.files, request.name());
    require_runs_on_lambda(inspect_executable(program.bootstrap), request.architecture,
                           request.name());
}

/// For `architecture`, of the program that was built for this machine, or built once more; with
/// `shipped`, the files that the application declares.
Package packaged(const Build& native, const FrontEnd& front_end, BuildRequest request,
                 const std::string& architecture, const std::vector<PackageFile>& shipped)
{
    request.architecture = architecture;
    const auto package = [&](const Program& program, const BuildDirectory& place) {
        require_runs(program, request);
        auto files = joined_files(program.files, shipped, request.name(), program.reserved);
        require_fits_lambda(files, request.name());
        return package_files(std::move(files), place.path(), request.options);
    };
    if (!front_end.compiles || architecture == host_architecture)
        return package(native.program, native.place);
    const auto place = native.place.beside(front_end.build_key(request));
    return package(front_end.build(request, place), place);
}

} // namespace

namespace {

/// Those that an author changes: what is installed changes with a package manager, whose lock file
/// is an input of its own.
std::set<std::filesystem::path> own_inputs(const Program& program)
{
    std::set<std::filesystem::path> inputs;
    for (const auto& input : program.inputs) {
        const auto path = input.string();
        const bool is_installed = path.starts_with("/usr/") || path.starts_with("/lib") ||
                                  (path.find("/node_modules/") != std::string::npos &&
                                   input.filename() != installed_lock);
        if (!is_installed)
            inputs.insert(input);
    }
    return inputs;
}

ShippedFiles declared_files(const manifest::Manifest& manifest, const BuildRequest& request)
{
    std::vector<std::string> patterns;
    for (const auto& pattern : manifest.declared.of<manifest::FilePattern>())
        patterns.push_back(pattern.text);
    return shipped_files(patterns, request.directory(), request.name());
}

} // namespace

BuiltApplication load_application(const std::filesystem::path& path, const LoadOptions& options)
{
    const auto file = application_file(path);
    const auto& front_end = front_end_for(file);
    const BuildRequest request{file, options};
    const auto native = build(front_end, request);

    BuiltApplication application;
    application.file = file;
    application.directory = request.directory();
    application.inputs = own_inputs(native.program);
    application.manifest = read_manifest(native.description, request.name(), options.sections);
    if (options.stage)
        application.manifest =
            manifest::with_stage(application.manifest, *options.stage, options.sections);
    for (const auto& section : options.sections)
        if (section.read_files != nullptr)
            for (auto& input : section.read_files(application.directory, application.manifest))
                application.inputs.insert(std::move(input));
    if (options.place == LoadOptions::Place::here)
        move_here(application);
    const auto shipped = declared_files(application.manifest, request);
    for (const auto& each : shipped.files)
        application.inputs.insert(each.source);
    application.inputs.insert(shipped.directories.begin(), shipped.directories.end());
    for (const auto& architecture : architectures_of(application.manifest))
        application.packages[architecture] =
            packaged(native, front_end, request, architecture, shipped.files);
    return application;
}

} // namespace nimbus::frontends
