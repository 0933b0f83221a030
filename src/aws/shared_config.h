#pragma once

#include "aws/environment.h"

#include <map>
#include <string>
#include <vector>

namespace nimbus::aws {

/// Setting → value.
using Profile = std::map<std::string, std::string>;

/// The value of a setting, or "".
std::string setting(const Profile& profile, const std::string& name);

/// The profiles of AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE
/// (~/.aws/credentials), whose values win.
class SharedConfig {
public:
    /// Files that do not exist are empty; throws Error when one is malformed or unreadable.
    explicit SharedConfig(const Environment& environment);

    const Profile* find(const std::string& name) const;
    /// The profile as AWS_SHARED_CREDENTIALS_FILE alone has it.
    const Profile* find_in_credentials_file(const std::string& name) const;
    /// [sso-session name] and [services name] of the config file.
    const Profile* sso_session(const std::string& name) const;
    const Profile* services(const std::string& name) const;
    std::vector<std::string> names() const;
    const std::string& config_path() const noexcept { return config_path_; }
    const std::string& credentials_path() const noexcept { return credentials_path_; }

private:
    std::string config_path_;
    std::string credentials_path_;
    std::map<std::string, Profile> profiles_;
    std::map<std::string, Profile> of_credentials_file_;
    std::map<std::string, Profile> sso_sessions_;
    std::map<std::string, Profile> services_;
};

/// `profile`, else AWS_DEFAULT_PROFILE, else AWS_PROFILE (the order of AWS's CLI), else `default`.
std::string profile_name(const std::string& profile, const Environment& environment);

} // namespace nimbus::aws
