#include "frontends/tsconfig.h"

#include "base/error.h"
#include "base/file.h"
#include "frontends/node_packages.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace nimbus::frontends {
namespace {

constexpr std::string_view default_name = "tsconfig.json";

bool is_file(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// As TypeScript looks for what `extends` names: with and without .json.
std::optional<std::filesystem::path> existing(const std::filesystem::path& name)
{
    for (const auto& candidate :
         {name, std::filesystem::path(name.string() + ".json"), name / default_name})
        if (is_file(candidate))
            return candidate.lexically_normal();
    return {};
}

std::optional<std::filesystem::path> extended_file(const std::string& name,
                                                   const std::filesystem::path& directory)
{
    if (name.starts_with('.') || name.starts_with('/'))
        return existing(directory / name);
    const auto package_name = package_in(name);
    const auto package = find_package(directory, package_name);
    if (package_name.empty() || !package)
        return {};
    const auto rest = name.substr(package_name.size());
    return existing(rest.empty() ? *package : *package / rest.substr(1));
}

std::vector<std::string> texts_in(const json::value& value)
{
    std::vector<std::string> texts;
    if (value.is_string())
        texts.emplace_back(value.get_string());
    else if (value.is_array())
        for (const auto& each : value.get_array())
            if (each.is_string())
                texts.emplace_back(each.get_string());
    return texts;
}

std::string absolute(const std::string& path, const std::filesystem::path& directory)
{
    return (directory / path).lexically_normal().string();
}

/// Paths in a configuration are meant from where it is; those of `paths` from `baseUrl`, if that is
/// there.
void make_absolute(json::object& options, const std::filesystem::path& directory,
                   const json::object& inherited)
{
    if (const auto base = string_member(options, "baseUrl"))
        options["baseUrl"] = absolute(*base, directory);
    const auto* paths = object_member(options, "paths");
    if (paths == nullptr)
        return;
    const auto base =
        string_member(options, "baseUrl")
            .value_or(string_member(inherited, "baseUrl").value_or(directory.string()));
    json::object all;
    for (const auto& [pattern, targets] : *paths) {
        json::array list;
        for (const auto& target : texts_in(targets))
            list.emplace_back(absolute(target, base));
        all[pattern] = std::move(list);
    }
    options["paths"] = std::move(all);
}

class Reader {
public:
    TsConfig read(const std::filesystem::path& file)
    {
        auto options = options_of(file);
        return {file, std::move(options), std::move(files_)};
    }

private:
    json::object options_of(const std::filesystem::path& file)
    {
        if (std::ranges::find(files_, file) != files_.end())
            return {}; // it extends itself
        files_.push_back(file);
        const auto document = document_in(file);
        json::object options;
        if (const auto* extended = document.if_contains("extends"))
            for (const auto& name : texts_in(*extended))
                if (const auto base = extended_file(name, file.parent_path()))
                    for (const auto& [key, value] : options_of(*base))
                        options[key] = value;
        if (const auto* found = object_member(document, "compilerOptions")) {
            auto own = *found;
            make_absolute(own, file.parent_path(), options);
            for (const auto& [key, value] : own)
                options[key] = value;
        }
        return options;
    }

    /// JSON as people write it in an editor, which base/json.h does not read.
    static json::object document_in(const std::filesystem::path& file)
    {
        json::parse_options options;
        options.allow_comments = true;
        options.allow_trailing_commas = true;
        json::error_code error;
        auto document = json::parse(read_file(file), error, {}, options);
        return !error && document.is_object() ? std::move(document.get_object()) : json::object();
    }

    std::vector<std::filesystem::path> files_;
};

/// The first plugin that changes code; plugins of editors have a `name` only.
std::optional<std::string> transformer_in(const json::object& options)
{
    if (const auto* plugins = array_member(options, "plugins"))
        for (const auto& plugin : *plugins)
            if (plugin.is_object())
                if (auto transform = string_member(plugin.get_object(), "transform"))
                    return transform;
    return {};
}

bool has_suffixes(const json::object& options)
{
    const auto* suffixes = options.if_contains("moduleSuffixes");
    return suffixes != nullptr &&
           std::ranges::any_of(texts_in(*suffixes), [](const auto& text) { return !text.empty(); });
}

} // namespace

bool TsConfig::asks_for(std::string_view option) const
{
    return bool_member(options, option).value_or(false);
}

std::vector<std::string> TsConfig::custom_conditions() const
{
    const auto* conditions = options.if_contains("customConditions");
    return conditions == nullptr ? std::vector<std::string>() : texts_in(*conditions);
}

std::optional<TsConfig> tsconfig_for(const std::filesystem::path& source)
{
    for (auto directory = source.parent_path();; directory = directory.parent_path()) {
        if (is_file(directory / default_name))
            return Reader().read(directory / default_name);
        if (directory == directory.parent_path())
            return {};
    }
}

void require_bundleable(const TsConfig& config, bool has_jsx, const std::filesystem::path& project)
{
    const auto name = config.file.lexically_relative(project).string();
    if (const auto transformer = transformer_in(config.options))
        throw Error(name + " has the code changed by the plugin " + *transformer +
                        ", which bundles do not go through",
                    "Compile with your own tool first, and deploy what it makes: "
                    "nimbus deploy dist/index.js.");
    if (has_suffixes(config.options))
        throw Error(name + " has the option moduleSuffixes, which bundles cannot honour",
                    "Name the files that you mean, or compile with your own tool first.");
    const auto jsx = string_or_empty(config.options, "jsx");
    if (has_jsx && (jsx == "preserve" || jsx == "react-native"))
        throw Error(name + " leaves JSX to another tool (\"jsx\": \"" + jsx +
                        "\"), so that it could not run",
                    "Set \"jsx\": \"react-jsx\", and \"jsxImportSource\" if it is not React's.");
}

} // namespace nimbus::frontends
