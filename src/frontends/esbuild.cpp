#include "frontends/esbuild.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "frontends/kept_tools.h"
#include "frontends/own_place.h"
#include "frontends/toolchain.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace nimbus::frontends {
namespace {

constexpr std::string_view error_mark = "✘ [ERROR] ";
constexpr std::string_view warning_mark = "▲ [WARNING] ";
constexpr std::string_view excerpt_indent = "      ";

struct Location {
    std::string file;
    int line;
    int column;
};

/// "    index.ts:3:4:", where columns count from 0.
std::optional<Location> location_in(std::string_view text)
{
    if (!text.starts_with("    ") || !text.ends_with(':'))
        return {};
    text = trim(text);
    text.remove_suffix(1);
    const auto parts = split(text, ':');
    if (parts.size() < 3)
        return {};
    const auto line_text = parts[parts.size() - 2];
    const auto line = parse_number<int>(line_text);
    const auto column = parse_number<int>(parts.back());
    if (!line || !column || *line < 1 || *column < 0)
        return {};
    const auto file_size = text.size() - line_text.size() - parts.back().size() - 2;
    return Location{std::string(text.substr(0, file_size)), *line, *column + 1};
}

/// "text [name-of-the-warning]": the name is for esbuild's own options.
std::string_view without_name(std::string_view text)
{
    const auto bracket = text.rfind(" [");
    return text.ends_with(']') && bracket != std::string_view::npos ? text.substr(0, bracket)
                                                                    : text;
}

/// Where a bundle and its modules lie (own_place.h), and what loads the modules of packages.js
/// (package_loader.h).
std::string banner_for(ModuleFormat format)
{
    const std::string packages = "const nimbus_package=name=>require('./packages.js')(name);";
    if (format == ModuleFormat::commonjs)
        return place_declaration("__filename") + packages;
    return "import{createRequire as nimbus_require}from'node:module';"
           "const require=nimbus_require(import.meta.url);" +
           place_declaration("require('url').fileURLToPath(import.meta.url)") + packages;
}

} // namespace

std::vector<BundlerMessage> bundler_messages(std::string_view output)
{
    std::vector<BundlerMessage> messages;
    bool is_located = false;
    for (const auto line : split(output, '\n')) {
        const bool is_error = line.starts_with(error_mark);
        if (is_error || line.starts_with(warning_mark)) {
            const auto text = line.substr(is_error ? error_mark.size() : warning_mark.size());
            messages.push_back({is_error, std::string(is_error ? text : without_name(text))});
            is_located = false;
        } else if (messages.empty()) {
            continue;
        } else if (const auto location = location_in(line); location && !is_located) {
            auto& message = messages.back();
            message.file = location->file;
            message.line = location->line;
            message.column = location->column;
            is_located = true;
        } else if (is_located && line.starts_with(excerpt_indent) &&
                   messages.back().excerpt.size() < 2) {
            messages.back().excerpt.emplace_back(line.substr(excerpt_indent.size() - 2));
        }
    }
    return messages;
}

std::string place_and_text(const BundlerMessage& message)
{
    if (message.file.empty())
        return message.text;
    return message.file + ':' + std::to_string(message.line) + ':' +
           std::to_string(message.column) + ": " + message.text;
}

std::string reserved_names(ModuleFormat format)
{
    return std::string("nimbus_own_place, nimbus_package") +
           (format == ModuleFormat::esm ? ", nimbus_require" : "") + ";\n";
}

std::vector<std::string> bundler_command(const std::filesystem::path& esbuild,
                                         const BundlerTask& task)
{
    std::vector<std::string> command{
        esbuild.string(), task.entry.string(), "--bundle", "--platform=node", "--target=node20",
        "--outfile=" + task.outfile.string(), "--metafile=" + task.metafile.string(),
        // The map names lines only: the sources themselves would double the archive.
        "--sourcemap=linked", "--sources-content=false",
        "--keep-names", // for stacks and logs
        // Compiled parts that are required by their name go beside the bundle.
        "--loader:.node=copy",
        // Texts, and bytes.
        "--loader:.sql=text", "--loader:.html=text", "--loader:.txt=text", "--loader:.wasm=binary",
        "--log-override:unsupported-require-call=warning",
        "--log-override:unsupported-dynamic-import=warning", "--log-level=warning",
        "--color=false"};
    command.emplace_back(task.format == ModuleFormat::esm ? "--format=esm" : "--format=cjs");
    command.push_back("--banner:js=" + banner_for(task.format));
    std::ranges::move(place_definitions(), std::back_inserter(command));
    if (task.is_development) {
        command.push_back("--source-root=" + task.outfile.parent_path().string() + '/');
    } else {
        // Shorter to read for every instance that starts.
        command.emplace_back("--minify-whitespace");
        command.emplace_back("--minify-syntax");
    }
    for (const auto& name : task.external)
        command.push_back("--external:" + name);
    for (const auto& [name, file] : task.aliases)
        command.push_back("--alias:" + name + '=' + file.string());
    // With any of its own, esbuild leaves out `module`, which it adds otherwise.
    if (!task.conditions.empty())
        command.push_back("--conditions=module," + join(task.conditions, ","));
    if (!task.tsconfig.empty())
        command.push_back("--tsconfig=" + task.tsconfig.string());
    return command;
}

BundlerRun run_bundler(const std::filesystem::path& esbuild, const BundlerTask& task,
                       const BuildRequest& request)
{
    if (request.options.kept != nullptr)
        if (auto run = request.options.kept->bundler().run(esbuild, task, request.directory()))
            return std::move(*run);
    if (!task.contents.empty()) { // which only a running one asks for
        if (auto run = KeptBundler().run(esbuild, task, request.directory()))
            return std::move(*run);
        throw Error("esbuild ends before it has bundled " + request.name(),
                    "Run 'npm install' again: it may be damaged.");
    }
    auto result = run_tool(bundler_command(esbuild, task), request.directory());
    return {result.success, bundler_messages(result.output), std::move(result.output)};
}

} // namespace nimbus::frontends
