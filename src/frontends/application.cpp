#include "frontends/application.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "frontends/build_directory.h"
#include "frontends/describe.h"
#include "frontends/executable.h"
#include "frontends/front_end.h"
#include "frontends/package.h"
#include "manifest/parse.h"

#include <algorithm>
#include <vector>

namespace nimbus::frontends {
namespace {

constexpr const char* what_file_may_be = "FILE is a CMakeLists.txt, a source in C++, TypeScript or "
                                         "JavaScript, or a built executable.";

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
    return absolute;
}

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

Description described(const Program& program, const BuildRequest& request)
{
    const TemporaryDirectory temporary("nimbus-code");
    const auto code = temporary.path() / "bundle";
    auto command = program.command;
    bool is_apart = false;
    for (auto& argument : command)
        if (argument.find("{code}") != std::string::npos) {
            argument = replace_all(argument, "{code}", code.string());
            is_apart = true;
        }
    if (is_apart)
        for (const auto& file : program.files) {
            make_directories((code / file.name).parent_path());
            std::filesystem::create_symlink(file.source, code / file.name);
        }
    return describe(command, request.directory(), request.name(), program.hints);
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

BuiltApplication load_application(const std::filesystem::path& path, const LoadOptions& options)
{
    const auto file = application_file(path);
    const auto& front_end = front_end_for(file);
    const BuildRequest request{file, options};
    const BuildDirectory place(request.directory(), front_end.build_key(request), options.progress);
    const auto program = front_end.build(request, place);
    // Before it is asked what it declares: for a clear answer where it cannot even be run.
    std::optional<Executable> executable;
    if (!program.bootstrap.empty())
        executable = inspect_executable(program.bootstrap);

    BuiltApplication application;
    application.file = file;
    application.directory = request.directory();
    application.manifest =
        read_manifest(described(program, request), request.name(), options.sections);
    if (options.stage)
        application.manifest =
            manifest::with_stage(application.manifest, *options.stage, options.sections);
    if (executable)
        require_runs_on_lambda(*executable, application.manifest, request.name());
    const auto package = package_files(program.files, place.path(), options);
    application.artifact = package.zip;
    application.artifact_sha256 = package.sha256;
    return application;
}

} // namespace nimbus::frontends
