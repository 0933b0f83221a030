#include "aws/credential_chain.h"

#include "aws/credentials/container.h"
#include "aws/credentials/context.h"
#include "aws/credentials/environment_keys.h"
#include "aws/credentials/instance_metadata.h"
#include "aws/credentials/profile.h"
#include "aws/region.h"
#include "base/error.h"
#include "base/text.h"

#include <utility>
#include <vector>

namespace nimbus::aws {
namespace {

bool is_named(const ChainOptions& options)
{
    return !options.profile.empty() || options.environment("AWS_PROFILE") ||
           options.environment("AWS_DEFAULT_PROFILE");
}

std::string both_files(const SharedConfig& config, const char* conjunction)
{
    return config.config_path() + conjunction + config.credentials_path();
}

[[noreturn]] void throw_no_such_profile(const SharedConfig& config, const std::string& name)
{
    const auto names = config.names();
    throw Error("The AWS profile '" + name + "' is neither in " + both_files(config, " nor in "),
                names.empty() ? "Run `aws configure --profile " + name + "` to make it."
                              : "There are: " + join(names, ", ") + ".");
}

/// Names all places, and why there was nothing.
[[noreturn]] void throw_nothing_found(const SharedConfig& config, const std::string& name,
                                      WebIdentitySettings settings,
                                      const std::string& why_no_metadata)
{
    const bool with_environment = settings == WebIdentitySettings::environment_first;
    std::vector<std::string> places;
    if (with_environment)
        places.emplace_back("AWS_ACCESS_KEY_ID is not set");
    places.push_back(config.find(name) == nullptr
                         ? "a profile '" + name + "' is neither in " +
                               both_files(config, " nor in ")
                         : "the profile '" + name + "' has none in " + both_files(config, " or "));
    if (with_environment)
        places.emplace_back("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    places.emplace_back("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set");
    places.push_back(why_no_metadata);
    auto others = config.names();
    std::erase(others, name);
    throw Error("No AWS credentials were found: " + join(places, "; "),
                others.empty()
                    ? "Run `aws login`, `aws configure sso` or `aws configure`, or set "
                      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
                    : "Choose another profile with AWS_PROFILE (there are: " + join(others, ", ") +
                          "), or run `aws login`, `aws configure sso` or `aws configure`.");
}

ProviderContext context_of(std::shared_ptr<http::Client> http, const ChainOptions& options)
{
    SharedConfig config(options.environment);
    auto endpoints = options.endpoints;
    if (endpoints == EndpointSettings{})
        endpoints = endpoint_settings(options.environment, config, options.profile);
    return {.http = std::move(http),
            .environment = options.environment,
            .clock = options.clock,
            .config = std::move(config),
            .region = options.region.empty()
                          ? find_region(options.profile, options.environment).name
                          : options.region,
            .endpoints = std::move(endpoints),
            .mfa = options.mfa};
}

Credentials resolve(const std::shared_ptr<http::Client>& http, const ChainOptions& options)
{
    const bool environment_first = options.profile.empty();
    if (environment_first)
        if (auto keys = credentials_of_environment(options.environment))
            return *keys;
    const auto context = context_of(http, options);
    const auto name = profile_name(options.profile, options.environment);
    const auto* profile = context.config.find(name);
    if (profile == nullptr && is_named(options))
        throw_no_such_profile(context.config, name);
    const auto settings = environment_first ? WebIdentitySettings::environment_first
                                            : WebIdentitySettings::profile_only;
    if (auto found = profile_credentials(context, name, settings))
        return *found;
    if (auto found = container_credentials(http, options.environment))
        return *found;
    auto of_instance = instance_metadata_credentials(http, options.environment,
                                                     profile == nullptr ? Profile{} : *profile);
    if (!of_instance)
        throw_nothing_found(context.config, name, settings, of_instance.error());
    return *of_instance;
}

} // namespace

CredentialSource credential_chain(std::shared_ptr<http::Client> http, ChainOptions options)
{
    const Clock clock = options.clock;
    return cached(
        [http = std::move(http), options = std::move(options)] { return resolve(http, options); },
        clock);
}

} // namespace nimbus::aws
