#include "frontends/bundle.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "frontends/esbuild.h"
#include "frontends/node_packages.h"
#include "frontends/toolchain.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nimbus::frontends {
namespace {

/// What is bundled. The module is loaded by a function, so that what goes wrong then can be told.
std::string entry_text(const BuildRequest& request, const std::filesystem::path& place)
{
    const auto root =
        std::filesystem::path(request.directory()).lexically_relative(place / "bundle");
    const auto quoted = [](const std::string& text) {
        std::string result;
        append_json_string(result, text);
        return result;
    };
    return "module.exports = require(" + quoted(std::string(node_sdk) + "/runtime") +
           ").start({\n" + "    file: __filename,\n    root: " + quoted(root.string() + '/') +
           ",\n    isMain: !!require.main && require.main.filename === __filename,\n    name: " +
           quoted(request.name()) + ",\n    load: () => require(" + quoted(request.file.string()) +
           "),\n});\n";
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

std::string way_out(const BundlerMessage& message)
{
    constexpr std::string_view unresolved = "Could not resolve \"";
    if (message.text.starts_with(unresolved)) {
        const auto name =
            message.text.substr(unresolved.size(), message.text.size() - unresolved.size() - 1);
        return name.starts_with('.') || name.starts_with('/')
                   ? "There is no such file."
                   : "Install it: npm install " + name + '.';
    }
    if (message.text.starts_with("Top-level await"))
        return "Move what is awaited into a handler, or into a function that handlers call.";
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

std::vector<InstalledPackage> native_packages(const std::vector<std::filesystem::path>& files)
{
    std::vector<InstalledPackage> packages;
    for (const auto& file : files)
        if (auto package = package_of(file);
            package && std::ranges::find(packages, *package) == packages.end())
            packages.push_back(std::move(*package));
    std::erase_if(packages, [](const auto& package) { return !has_native_parts(package); });
    return packages;
}

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

void bundle_once(const BuildRequest& request, const std::filesystem::path& esbuild,
                 const std::filesystem::path& place, const std::vector<InstalledPackage>& native,
                 std::vector<BundlerMessage>& messages)
{
    std::filesystem::remove_all(place / "bundle");
    make_directories(place / "bundle");
    // Whatever the project's package.json says, or one above the unpacked archive.
    write_file(place / "bundle" / "package.json", "{\"type\": \"commonjs\"}\n");
    std::vector<std::string> names;
    for (const auto& package : native)
        names.push_back(package.name);
    auto run = run_bundler(bundler_command(esbuild, place, names), request);
    if (!run.success)
        throw_bundler_error(request, run);
    messages = std::move(run.messages);
}

} // namespace

PackageFile package_file(std::string name, const std::filesystem::path& source)
{
    using std::filesystem::perms;
    const auto permissions = std::filesystem::status(source).permissions();
    const bool runs = (permissions & perms::owner_exec) != perms::none;
    return {std::move(name), source, runs ? mode_t{0755} : mode_t{0644}};
}

Bundle make_bundle(const BuildRequest& request, const std::filesystem::path& esbuild,
                   const std::filesystem::path& place)
{
    write_file(place / "entry.cjs", entry_text(request, place));

    std::vector<BundlerMessage> messages;
    bundle_once(request, esbuild, place, {}, messages);
    Bundle bundle{bundled_files(place / "inputs.json", request.directory()), {}};
    const auto native = native_packages(bundle.inputs);
    std::vector<InstalledPackage> beside;
    if (!native.empty()) {
        bundle_once(request, esbuild, place, native, messages);
        for (const auto& package : native)
            for (auto& needed : with_dependencies(package))
                if (std::ranges::find(beside, needed) == beside.end())
                    beside.push_back(std::move(needed));
    }
    show_warnings(request, std::move(messages));
    add_directory(bundle.files, place / "bundle", {});
    for (const auto& package : beside)
        add_directory(bundle.files, package.directory,
                      std::filesystem::path("node_modules") / package.name);
    return bundle;
}

} // namespace nimbus::frontends
