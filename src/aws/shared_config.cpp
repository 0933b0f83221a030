#include "aws/shared_config.h"

#include "aws/ini_file.h"
#include "base/file.h"
#include "base/text.h"

#include <string_view>

namespace nimbus::aws {
namespace {

std::string file_path(const Environment& environment, const std::string& variable,
                      const std::string& default_path)
{
    std::string path = environment(variable).value_or(default_path);
    if (path.starts_with("~/"))
        path.replace(0, 1, environment("HOME").value_or(""));
    return path;
}

IniFile read_ini(const std::string& path)
{
    const auto text = read_file_if_exists(path);
    return text ? parse_ini(*text, path) : IniFile{};
}

/// "profile x" and "default" are profiles, "sso-session x" and "services x" are not.
std::string profile_of_section(std::string_view section)
{
    if (section == "default")
        return "default";
    const auto blank = section.find_first_of(" \t");
    if (section.substr(0, blank) != "profile" || blank == std::string_view::npos)
        return {};
    auto name = trim(section.substr(blank));
    if (name.size() >= 2 && name.front() == name.back() &&
        (name.front() == '"' || name.front() == '\''))
        name = name.substr(1, name.size() - 2);
    return std::string(name);
}

} // namespace

std::string setting(const Profile& profile, const std::string& name)
{
    const auto found = profile.find(name);
    return found == profile.end() ? "" : found->second;
}

SharedConfig::SharedConfig(const Environment& environment)
    : config_path_(file_path(environment, "AWS_CONFIG_FILE", "~/.aws/config")),
      credentials_path_(file_path(environment, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
{
    for (const auto& [section, settings] : read_ini(config_path_))
        if (const auto name = profile_of_section(section); !name.empty())
            for (const auto& [key, value] : settings)
                profiles_[name][key] = value;
    for (const auto& [section, settings] : read_ini(credentials_path_))
        for (const auto& [key, value] : settings)
            profiles_[section][key] = value;
}

const Profile* SharedConfig::find(const std::string& name) const
{
    const auto found = profiles_.find(name);
    return found == profiles_.end() ? nullptr : &found->second;
}

std::vector<std::string> SharedConfig::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, profile] : profiles_)
        names.push_back(name);
    return names;
}

std::string profile_name(const std::string& profile, const Environment& environment)
{
    return profile.empty() ? environment("AWS_PROFILE").value_or("default") : profile;
}

} // namespace nimbus::aws
