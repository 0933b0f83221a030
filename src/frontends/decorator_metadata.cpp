#include "frontends/decorator_metadata.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/scratch_file.h"
#include "frontends/authors_files.h"
#include "frontends/bundle.h"
#include "frontends/node_packages.h"
#include "frontends/toolchain.h"
#include "frontends/tsconfig.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace nimbus::frontends {
namespace {

using Paths = std::vector<std::filesystem::path>;

bool is_typescript_source(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    return extension == ".ts" || extension == ".tsx" || extension == ".mts" || extension == ".cts";
}

/// The version of an installed package, as far as it matters.
struct Version {
    int major = 0;
    int minor = 0;

    auto operator<=>(const Version&) const = default;
};

Version version_of(const std::filesystem::path& package)
{
    const auto file = package / "package.json";
    const auto description = parse_json(read_file(file), file.string());
    const auto text = description.is_object() ? string_or_empty(description.get_object(), "version")
                                              : std::string();
    std::string_view rest = text;
    Version version;
    version.major = take_number<int>(rest).value_or(0);
    if (rest.starts_with('.'))
        rest.remove_prefix(1);
    version.minor = take_number<int>(rest).value_or(0);
    return version;
}

/// The first TypeScript that emits without a word about types (its release notes, "--noCheck").
constexpr Version oldest_typescript{5, 5};

/// One run of a compiler: sources that one tsconfig.json is for.
struct Compilation {
    const BuildRequest& request;
    const std::filesystem::path& node;
    const TsConfig& config;
    const Paths& sources;
    const std::filesystem::path& root;
    std::filesystem::path place; ///< what it makes lies in place/compiled, as `sources` below root
};

std::filesystem::path compiled_directory(const std::filesystem::path& place)
{
    return place / "compiled";
}

/// TypeScript's names of what it makes of a source.
std::optional<std::filesystem::path> output_for(const Compilation& task,
                                                const std::filesystem::path& source)
{
    const auto name = compiled_directory(task.place) / source.lexically_relative(task.root);
    for (const auto* extension : {".js", ".jsx", ".mjs", ".cjs"}) {
        auto output = name;
        output.replace_extension(extension);
        if (std::filesystem::exists(output))
            return output;
    }
    return {};
}

/// The author's own options, but for those that say what is emitted and where.
std::string typescript_project(const Compilation& task)
{
    json::array files;
    for (const auto& source : task.sources)
        files.emplace_back(source.string());
    const json::object options{{"noEmit", false},
                               {"noEmitOnError", false},
                               {"noCheck", true},
                               {"outDir", compiled_directory(task.place).string()},
                               {"rootDir", task.root.string()},
                               {"outFile", nullptr},
                               // Imports stay what they are: esbuild follows them.
                               {"module", "preserve"},
                               {"moduleResolution", "bundler"},
                               {"rewriteRelativeImportExtensions", false},
                               {"inlineSourceMap", true},
                               {"sourceMap", false},
                               {"inlineSources", false},
                               {"sourceRoot", nullptr},
                               {"mapRoot", nullptr},
                               {"declaration", false},
                               {"declarationMap", false},
                               {"declarationDir", nullptr},
                               {"emitDeclarationOnly", false},
                               {"isolatedDeclarations", false},
                               {"composite", false},
                               {"incremental", false},
                               {"tsBuildInfoFile", nullptr},
                               {"importHelpers", false}};
    return json::serialize(json::object{{"extends", task.config.file.string()},
                                        {"compilerOptions", options},
                                        {"files", std::move(files)},
                                        {"include", json::array()}});
}

ToolResult run_typescript(const Compilation& task, const std::filesystem::path& typescript)
{
    const auto project = task.place / "typescript.json";
    write_scratch_file(project, typescript_project(task));
    return run_tool({task.node.string(), (typescript / "bin" / "tsc").string(), "-p",
                     project.string(), "--pretty", "false"},
                    task.request.directory());
}

/// What `target` and `useDefineForClassFields` say together (TSConfig Reference).
bool defines_fields(const TsConfig& config)
{
    if (const auto said = bool_member(config.options, "useDefineForClassFields"))
        return *said;
    auto target = string_or_empty(config.options, "target");
    std::ranges::transform(target, target.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::array<std::string_view, 10> older{"es3",    "es5",    "es6",    "es2015", "es2016",
                                                 "es2017", "es2018", "es2019", "es2020", "es2021"};
    return std::ranges::find(older, target) == older.end();
}

/// By the package's own script, which takes a list of files (sdk/js/src/build/swc.ts).
ToolResult run_swc(const Compilation& task)
{
    const auto sdk = find_package(task.request.directory(), node_sdk).value_or("");
    json::array files;
    for (const auto& source : task.sources) {
        auto output = compiled_directory(task.place) / source.lexically_relative(task.root);
        output.replace_extension(".js");
        files.push_back(json::object{{"source", source.string()}, {"output", output.string()}});
    }
    const auto list = task.place / "swc.json";
    write_scratch_file(list,
                       json::serialize(json::object{{"project", task.request.directory().string()},
                                                    {"definesFields", defines_fields(task.config)},
                                                    {"files", std::move(files)}}));
    return run_tool({task.node.string(), (sdk / "dist/cjs/build/swc.js").string(), list.string()},
                    task.request.directory());
}

ToolResult run_compiler(const Compilation& task)
{
    const auto directory = task.config.file.parent_path();
    const auto typescript = find_package(directory, "typescript");
    if (typescript && version_of(*typescript) >= oldest_typescript)
        return run_typescript(task, *typescript);
    if (find_package(task.request.directory(), "@swc/core"))
        return run_swc(task);
    throw Error(task.config.file.lexically_relative(task.request.directory()).string() +
                    " asks for emitDecoratorMetadata, and there is no compiler that does it: " +
                    (typescript ? "the installed typescript is older than 5.5"
                                : "neither typescript nor @swc/core is installed"),
                "Run 'npm install -D typescript', or remove the option.");
}

void compile(const Compilation& task)
{
    const auto result = run_compiler(task);
    for (const auto& source : task.sources)
        if (!output_for(task, source)) {
            show_output(task.request.options, result.output);
            throw Error(source.lexically_relative(task.request.directory()).string() +
                            " could not be compiled with the metadata of its decorators",
                        "The compiler's messages above say why.");
        }
}

/// The compilers' maps lead from where they write to the source; what they made is bundled in its
/// place.
std::string as_made_of(const std::filesystem::path& source, std::string text)
{
    constexpr std::string_view mark = "sourceMappingURL=data:application/json;base64,";
    const auto begin = text.rfind(mark);
    if (begin == std::string::npos)
        return text;
    const auto map = begin + mark.size();
    const auto end = std::min(text.find_first_of("\r\n", map), text.size());
    const auto decoded = base64_decode(std::string_view(text).substr(map, end - map));
    if (!decoded)
        return text;
    auto document = parse_json(*decoded, source.string());
    if (auto* object = document.if_object())
        (*object)["sources"] = json::array{source.filename().string()};
    return text.replace(map, end - map, base64_encode(json::serialize(document)));
}

} // namespace

std::map<std::filesystem::path, std::string>
compile_decorators(const BuildRequest& request, const std::filesystem::path& node,
                   const std::vector<std::filesystem::path>& sources,
                   const std::filesystem::path& place)
{
    std::map<std::filesystem::path, std::pair<TsConfig, Paths>> projects;
    for (const auto& file : sources)
        if (is_typescript_source(file))
            if (auto config = tsconfig_for(file); config && config->asks_for(decorator_metadata))
                projects.try_emplace(config->file, *config, Paths())
                    .first->second.second.push_back(file);
    const auto root = common_root(sources, request.directory());
    std::filesystem::remove_all(compiled_directory(place));
    std::map<std::filesystem::path, std::string> compiled;
    for (const auto& [file, project] : projects) {
        const Compilation task{request, node, project.first, project.second, root, place};
        compile(task);
        for (const auto& source : project.second)
            compiled.emplace(source, as_made_of(source, read_file(*output_for(task, source))));
    }
    return compiled;
}

} // namespace nimbus::frontends
