#include "aws/shared_config.h"

#include "aws/expanded_path.h"
#include "aws/ini_file.h"
#include "base/file.h"
#include "base/text.h"

#include <string_view>

namespace nimbus::aws {
namespace {

std::string file_path(const Environment& environment, const std::string& variable,
                      const std::string& default_path)
{
    return expanded_path(environment(variable).value_or(default_path), environment);
}

IniFile read_ini(const std::string& path)
{
    const auto text = read_small_file_if_exists(path);
    return text ? parse_ini(*text, path) : IniFile{};
}

/// The x of "<kind> x", or "".
std::string name_in(std::string_view section, std::string_view kind)
{
    const auto blank = section.find_first_of(" \t");
    if (section.substr(0, blank) != kind || blank == std::string_view::npos)
        return {};
    auto name = trim(section.substr(blank));
    if (name.size() >= 2 && name.front() == name.back() &&
        (name.front() == '"' || name.front() == '\''))
        name = name.substr(1, name.size() - 2);
    return std::string(name);
}

std::string profile_of_section(std::string_view section)
{
    return section == "default" ? "default" : name_in(section, "profile");
}

const Profile* found_in(const std::map<std::string, Profile>& sections, const std::string& name)
{
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
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
    for (const auto& [section, settings] : read_ini(config_path_)) {
        if (const auto name = profile_of_section(section); !name.empty())
            for (const auto& [key, value] : settings)
                profiles_[name][key] = value;
        if (const auto name = name_in(section, "sso-session"); !name.empty())
            sso_sessions_[name] = settings;
        if (const auto name = name_in(section, "services"); !name.empty())
            services_[name] = settings;
    }
    for (const auto& [section, settings] : read_ini(credentials_path_)) {
        of_credentials_file_[section] = settings;
        for (const auto& [key, value] : settings)
            profiles_[section][key] = value;
    }
}

const Profile* SharedConfig::find(const std::string& name) const
{
    return found_in(profiles_, name);
}

const Profile* SharedConfig::find_in_credentials_file(const std::string& name) const
{
    return found_in(of_credentials_file_, name);
}

const Profile* SharedConfig::sso_session(const std::string& name) const
{
    return found_in(sso_sessions_, name);
}

const Profile* SharedConfig::services(const std::string& name) const
{
    return found_in(services_, name);
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
    if (!profile.empty())
        return profile;
    for (const char* variable : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"})
        if (auto name = environment(variable))
            return *name;
    return "default";
}

} // namespace nimbus::aws
