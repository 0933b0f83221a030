#include "aws/credential_chain.h"

#include "aws/client.h"
#include "aws/credential_process.h"
#include "aws/ops/sts/identity.h"
#include "aws/shared_config.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace nimbus::aws {
namespace {

constexpr const char* export_hint =
    "Run `eval \"$(aws configure export-credentials --format env)\"` and then this again.";

std::optional<Credentials> keys_of_environment(const Environment& environment)
{
    const auto id = environment("AWS_ACCESS_KEY_ID");
    if (!id)
        return {};
    const auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!secret)
        throw Error("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
                    "Set both, or neither to use an AWS profile.");
    return Credentials{.keys = {.access_key_id = *id,
                                .secret_access_key = *secret,
                                .session_token = environment("AWS_SESSION_TOKEN").value_or("")}};
}

/// One walk through the files of profiles.
class ProfileCredentials {
public:
    ProfileCredentials(std::shared_ptr<http::Client> http, const ChainOptions& options)
        : http_(std::move(http)), options_(options), config_(options.environment)
    {
    }

    Credentials get(const std::string& name)
    {
        const Profile& profile = find(name);
        return setting(profile, "role_arn").empty() ? direct(name, profile)
                                                    : assume_role(name, profile);
    }

private:
    const Profile& find(const std::string& name) const
    {
        if (const auto* profile = config_.find(name))
            return *profile;
        const std::string where = config_.config_path() + " nor in " + config_.credentials_path();
        const bool asked_for = !options_.profile.empty() || options_.environment("AWS_PROFILE");
        if (asked_for || name != "default") {
            const auto names = config_.names();
            throw Error("The AWS profile '" + name + "' is neither in " + where,
                        names.empty() ? "Run `aws configure --profile " + name + "` to make it."
                                      : "There are: " + join(names, ", ") + ".");
        }
        throw Error("No AWS credentials were found: AWS_ACCESS_KEY_ID is not set, and a profile "
                    "'default' is neither in " +
                        where,
                    elsewhere() ? export_hint
                                : "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set "
                                  "AWS_PROFILE, or run `aws configure`.");
    }

    /// The environment points to credentials of a container or of a web identity.
    bool elsewhere() const
    {
        return options_.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
               options_.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI") ||
               options_.environment("AWS_WEB_IDENTITY_TOKEN_FILE");
    }

    Credentials direct(const std::string& name, const Profile& profile) const
    {
        const auto id = setting(profile, "aws_access_key_id");
        const auto secret = setting(profile, "aws_secret_access_key");
        if (!id.empty() && !secret.empty())
            return {.keys = {.access_key_id = id,
                             .secret_access_key = secret,
                             .session_token = setting(profile, "aws_session_token")}};
        if (id.empty() != secret.empty())
            throw Error("The AWS profile '" + name + "' has only one of aws_access_key_id and " +
                            "aws_secret_access_key",
                        "Run `aws configure --profile " + name + "`.");
        if (const auto command = setting(profile, "credential_process"); !command.empty())
            return credentials_from_process(command, name);
        for (const char* unsupported :
             {"sso_session", "sso_start_url", "login_session", "web_identity_token_file"})
            if (!setting(profile, unsupported).empty())
                throw Error("The AWS profile '" + name + "' uses " + unsupported +
                                ", which Nimbus does not read",
                            "Run `eval \"$(aws configure export-credentials --profile " + name +
                                " --format env)\"` and then this again.");
        throw Error("The AWS profile '" + name + "' has no credentials",
                    "Run `aws configure --profile " + name +
                        "`, or choose another one with "
                        "AWS_PROFILE.");
    }

    Credentials source_of_role(const std::string& name, const Profile& profile)
    {
        const auto source = setting(profile, "source_profile");
        if (source == name)
            return direct(name, profile);
        if (!source.empty()) {
            visited_.push_back(name);
            if (std::ranges::find(visited_, source) != visited_.end())
                throw Error("The AWS profiles " + join(visited_, ", ") +
                                " are each other's source_profile",
                            "One of them has to have credentials of its own.");
            return get(source);
        }
        const auto provider = setting(profile, "credential_source");
        if (provider == "Environment") {
            if (auto keys = keys_of_environment(options_.environment))
                return *keys;
            throw Error("The AWS profile '" + name +
                            "' takes its credentials from the "
                            "environment, but AWS_ACCESS_KEY_ID is not set",
                        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
        }
        throw Error("The AWS profile '" + name +
                        "' assumes a role, but has no source_profile and "
                        "no credential_source that Nimbus knows",
                    "Set source_profile, or credential_source = Environment.");
    }

    Credentials assume_role(const std::string& name, const Profile& profile)
    {
        for (const char* unsupported : {"mfa_serial", "web_identity_token_file"})
            if (!setting(profile, unsupported).empty())
                throw Error("The AWS profile '" + name + "' uses " + unsupported +
                                ", which Nimbus does not read",
                            "Run `eval \"$(aws configure export-credentials --profile " + name +
                                " --format env)\"` and then this again.");
        const auto source = source_of_role(name, profile);
        auto session = setting(profile, "role_session_name");
        if (session.empty())
            session = "nimbus-" + std::to_string(to_unix_seconds(options_.clock()));
        const Client client(http_, fixed_credentials(source.keys),
                            with_environment({.region = region_for_sts(profile),
                                              .endpoints = options_.endpoints,
                                              .clock = options_.clock},
                                             options_.environment));
        const auto role =
            client.call(sts::AssumeRole{.role_arn = setting(profile, "role_arn"),
                                        .role_session_name = session,
                                        .external_id = setting(profile, "external_id"),
                                        .duration_seconds = duration_of(name, profile)});
        return {.keys = {.access_key_id = role.access_key_id,
                         .secret_access_key = role.secret_access_key,
                         .session_token = role.session_token},
                .expires = role.expiration};
    }

    std::string region_for_sts(const Profile& profile) const
    {
        for (const auto& region :
             {options_.region, find_region(options_.profile, options_.environment),
              setting(profile, "region")})
            if (!region.empty())
                return region;
        return "us-east-1";
    }

    static int duration_of(const std::string& name, const Profile& profile)
    {
        const auto text = setting(profile, "duration_seconds");
        if (text.empty())
            return 0;
        const auto seconds = parse_number<int>(text);
        if (!seconds)
            throw Error("duration_seconds of the AWS profile '" + name + "' is not a number");
        return *seconds;
    }

    std::shared_ptr<http::Client> http_;
    const ChainOptions& options_;
    SharedConfig config_;
    std::vector<std::string> visited_;
};

Credentials resolve(const std::shared_ptr<http::Client>& http, const ChainOptions& options)
{
    if (options.profile.empty())
        if (auto keys = keys_of_environment(options.environment))
            return *keys;
    return ProfileCredentials(http, options)
        .get(profile_name(options.profile, options.environment));
}

} // namespace

CredentialSource credential_chain(std::shared_ptr<http::Client> http, ChainOptions options)
{
    const Clock clock = options.clock;
    return cached(
        [http = std::move(http), options = std::move(options)] { return resolve(http, options); },
        clock);
}

std::string find_region(const std::string& profile, const Environment& environment)
{
    for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (auto region = environment(variable))
            return *region;
    const SharedConfig config(environment);
    const auto* found = config.find(profile_name(profile, environment));
    return found == nullptr ? "" : setting(*found, "region");
}

} // namespace nimbus::aws
