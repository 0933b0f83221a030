#include "aws/credentials/context.h"

#include "base/arn.h"

namespace nimbus::aws {

ClientOptions client_options(const ProviderContext& context, const std::string& region)
{
    return {.region = region,
            .endpoints = context.endpoints,
            .retry = retry_options(context.environment),
            .clock = context.clock};
}

Client client_for(const ProviderContext& context, const std::string& region,
                  CredentialSource credentials)
{
    return {context.http, std::move(credentials), client_options(context, region)};
}

std::string region_for(const ProviderContext& context, const Profile& profile,
                       const std::string& role_arn)
{
    if (!context.region.empty())
        return context.region;
    if (auto region = setting(profile, "region"); !region.empty())
        return region;
    const auto arn = Arn::parse(role_arn);
    return any_region_of(arn ? arn->partition : "aws");
}

std::string default_session_name(const ProviderContext& context)
{
    return "nimbus-" + std::to_string(to_unix_seconds(context.clock()));
}

} // namespace nimbus::aws
