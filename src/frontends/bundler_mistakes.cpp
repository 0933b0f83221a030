#include "frontends/bundler_mistakes.h"

#include "base/error.h"
#include "frontends/bundle.h"
#include "frontends/node_packages.h"
#include "frontends/toolchain.h"
#include "frontends/tsconfig.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace nimbus::frontends {
namespace {

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

} // namespace

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

namespace {

/// Does tsconfig.json say where modules of this name are?
bool is_mapped(const std::string& name, const std::filesystem::path& source)
{
    const auto config = tsconfig_for(source);
    const auto* paths = config ? object_member(config->options, "paths") : nullptr;
    return paths != nullptr && std::ranges::any_of(*paths, [&](const auto& each) {
               const std::string_view pattern = each.key();
               const auto star = pattern.find('*');
               if (star == std::string_view::npos)
                   return pattern == name;
               return star > 0 && name.starts_with(pattern.substr(0, star)) &&
                      name.ends_with(pattern.substr(star + 1));
           });
}

std::string way_out(const BundlerMessage& message, const std::filesystem::path& project)
{
    if (const auto name = unresolved_name(message)) {
        if (is_path(*name))
            return "There is no such file.";
        if (is_mapped(*name, project / message.file))
            return "\"paths\" in tsconfig.json lead to no file of that name.";
        const auto package = package_in(*name);
        if (package == "nimbus" || package == "nimbus-js") // other people's
            return "Nimbus's package is called " + std::string(node_sdk) + ".";
        return package.empty() ? "" : "Install it: npm install " + package + '.';
    }
    return {};
}

} // namespace

void throw_bundler_error(const BuildRequest& request, const BundlerRun& run)
{
    std::vector<BundlerMessage> errors;
    std::ranges::copy_if(run.messages, std::back_inserter(errors), &BundlerMessage::is_error);
    if (errors.empty()) {
        show_output(request.options, run.output);
        throw Error(request.name() + " cannot be bundled", "esbuild's messages above say why.");
    }
    show_output(request.options, shown(errors));
    throw Error(request.name() + " cannot be bundled: " + place_and_text(errors.front()),
                way_out(errors.front(), request.directory()));
}

std::string shown_warnings(std::vector<BundlerMessage> messages)
{
    std::erase_if(messages, [](const BundlerMessage& message) {
        return message.file.find("node_modules/") != std::string::npos;
    });
    return shown(messages);
}

} // namespace nimbus::frontends
