#include "aws/credentials/profile.h"

#include "aws/credentials/assume_role.h"
#include "aws/credentials/container.h"
#include "aws/credentials/environment_keys.h"
#include "aws/credentials/instance_metadata.h"
#include "aws/credentials/login.h"
#include "aws/credentials/process.h"
#include "aws/credentials/sso.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <vector>

namespace nimbus::aws {
namespace {

std::string quoted(const std::string& name)
{
    return "The AWS profile '" + name + "'";
}

/// Keys that stand in one of the files.
std::optional<Credentials> keys_in(const std::string& name, const Profile* profile)
{
    if (profile == nullptr)
        return {};
    const auto id = setting(*profile, "aws_access_key_id");
    const auto secret = setting(*profile, "aws_secret_access_key");
    if (id.empty() != secret.empty())
        throw Error(quoted(name) + " has only one of aws_access_key_id and aws_secret_access_key",
                    "Run `aws configure --profile " + name + "`.");
    if (id.empty())
        return {};
    auto token = setting(*profile, "aws_session_token");
    if (token.empty())
        token = setting(*profile, "aws_security_token");
    return Credentials{
        .keys = {.access_key_id = id, .secret_access_key = secret, .session_token = token},
        .origin = "profile '" + name + "'"};
}

/// A command over several lines is one command, as it is to botocore.
std::string in_one_line(const std::string& command)
{
    return replace_all(replace_all(command, "\\\n", " "), "\n", " ");
}

bool has_keys(const Profile& profile)
{
    return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

bool is_role(const Profile& profile)
{
    return !setting(profile, "role_arn").empty() &&
           setting(profile, "web_identity_token_file").empty();
}

/// One walk through the files of profiles, from a profile to those that its role is assumed by.
class ProfileWalk {
public:
    explicit ProfileWalk(const ProviderContext& context) : context_(context) {}

    /// Of the profile that a command runs with; nothing when it has none.
    std::optional<Credentials> first(const std::string& name, WebIdentitySettings settings)
    {
        const auto* profile = context_.config.find(name);
        if (profile != nullptr && is_role(*profile))
            return role(name, *profile);
        return direct(name, profile == nullptr ? Profile{} : *profile, settings);
    }

private:
    /// All that is not a role assumed by another profile.
    std::optional<Credentials> direct(const std::string& name, const Profile& profile,
                                      WebIdentitySettings settings) const
    {
        if (auto found = web_identity_credentials(context_, name, profile, settings))
            return found;
        if (uses_sso(profile))
            return sso_credentials(context_, name, profile);
        if (auto keys = keys_in(name, context_.config.find_in_credentials_file(name)))
            return keys;
        if (!setting(profile, "login_session").empty())
            return login_credentials(context_, name, profile);
        if (const auto command = setting(profile, "credential_process"); !command.empty())
            return credentials_from_process({.command = in_one_line(command),
                                             .profile = name,
                                             .file = file_with(name, "credential_process")},
                                            context_.clock());
        return keys_in(name, &profile);
    }

    /// The file whose value of a profile's setting counts.
    const std::string& file_with(const std::string& name, const std::string& wanted) const
    {
        const auto* there = context_.config.find_in_credentials_file(name);
        return there != nullptr && there->contains(wanted) ? context_.config.credentials_path()
                                                           : context_.config.config_path();
    }

    Credentials role(const std::string& name, const Profile& profile)
    {
        const auto source = setting(profile, "source_profile");
        const auto provider = setting(profile, "credential_source");
        if (source.empty() == provider.empty())
            throw Error(quoted(name) + " assumes a role and has " +
                            (source.empty() ? "neither source_profile nor credential_source"
                                            : "both source_profile and credential_source"),
                        "It has to have one of them, and no more.");
        if (!provider.empty())
            return role_credentials(
                context_, name, profile,
                {.name = provider, .get = [&] { return of_provider(provider, name, profile); }});
        return role_credentials(
            context_, name, profile,
            {.name = "profile '" + source + "'", .get = [&] { return of_source(source, name); }});
    }

    Credentials of_source(const std::string& source, const std::string& parent)
    {
        visited_.push_back(parent);
        const auto* profile = context_.config.find(source);
        if (profile == nullptr)
            throw Error(quoted(parent) + " has the source_profile '" + source +
                            "', which is neither in " + context_.config.config_path() + " nor in " +
                            context_.config.credentials_path(),
                        "Correct source_profile, or make that profile.");
        const bool was_visited = std::ranges::find(visited_, source) != visited_.end();
        if (was_visited && !(source == parent && has_keys(*profile)))
            throw Error("The AWS profiles " + join(visited_, ", ") +
                            " are each other's source_profile",
                        "One of them has to have credentials of its own.");
        if (is_role(*profile) && !has_keys(*profile))
            return role(source, *profile);
        if (auto found = direct(source, *profile, WebIdentitySettings::profile_only))
            return *found;
        throw Error(quoted(source) + " has no credentials, and '" + parent + "' names it",
                    "Run `aws configure --profile " + source + "`, or sign in for it.");
    }

    /// credential_source.
    Credentials of_provider(const std::string& provider, const std::string& name,
                            const Profile& profile) const
    {
        const auto fail = [&](const std::string& reason) {
            throw Error(quoted(name) + " takes its credentials from " + provider + ", but " +
                            reason,
                        "Check credential_source of the profile.");
        };
        if (provider == "Environment") {
            if (auto keys = credentials_of_environment(context_.environment))
                return *keys;
            fail("AWS_ACCESS_KEY_ID is not set");
        }
        if (provider == "EcsContainer") {
            if (auto found = container_credentials(context_.http, context_.environment))
                return *found;
            fail("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set");
        }
        if (provider != "Ec2InstanceMetadata")
            fail("there is no such source: it is Environment, EcsContainer or "
                 "Ec2InstanceMetadata");
        auto found = instance_metadata_credentials(context_.http, context_.environment, profile);
        if (!found)
            fail(found.error());
        return *found;
    }

    const ProviderContext& context_;
    std::vector<std::string> visited_; ///< profiles whose source was asked for
};

} // namespace

std::optional<Credentials> profile_credentials(const ProviderContext& context,
                                               const std::string& name,
                                               WebIdentitySettings settings)
{
    return ProfileWalk(context).first(name, settings);
}

} // namespace nimbus::aws
