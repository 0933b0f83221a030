#include "aws/endpoints.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nimbus::aws {
namespace {

/// Source: botocore's partitions.json and the endpoint rules of IAM and AWS Sign-In. The principals
/// of services (lambda.amazonaws.com) are not here: they have one name in all partitions.
struct Partition {
    std::string_view name;
    std::string_view region_prefix;
    std::string_view suffix;
    std::string_view dual_stack_suffix;
    std::string_view iam_host;
    std::string_view iam_dual_stack_host;
    std::string_view sign_in_suffix;
    std::string_view global_region; ///< signs calls of global services
    bool has_fips;
};

constexpr std::array<Partition, 3> partitions{
    Partition{.name = "aws-cn",
              .region_prefix = "cn-",
              .suffix = "amazonaws.com.cn",
              .dual_stack_suffix = "api.amazonwebservices.com.cn",
              .iam_host = "iam.cn-north-1.amazonaws.com.cn",
              .iam_dual_stack_host = "iam.global.api.amazonwebservices.com.cn",
              .sign_in_suffix = "signin.amazonaws.cn",
              .global_region = "cn-north-1",
              .has_fips = false},
    Partition{.name = "aws-us-gov",
              .region_prefix = "us-gov-",
              .suffix = "amazonaws.com",
              .dual_stack_suffix = "api.aws",
              .iam_host = "iam.us-gov.amazonaws.com",
              .iam_dual_stack_host = "iam.us-gov.api.aws",
              .sign_in_suffix = "signin.amazonaws-us-gov.com",
              .global_region = "us-gov-west-1",
              .has_fips = true},
    Partition{.name = "aws",
              .region_prefix = "",
              .suffix = "amazonaws.com",
              .dual_stack_suffix = "api.aws",
              .iam_host = "iam.amazonaws.com",
              .iam_dual_stack_host = "iam.global.api.aws",
              .sign_in_suffix = "signin.aws.amazon.com",
              .global_region = "us-east-1",
              .has_fips = true}};

/// Services whose plain names in AWS GovCloud (US) are FIPS endpoints; IAM is another one.
constexpr std::array fips_by_plain_name_in_gov_cloud{services::sts.name, services::logs.name,
                                                     services::sso.name, services::sso_oidc.name};

const Partition& partition_for(std::string_view region)
{
    return *std::ranges::find_if(partitions, [region](const Partition& partition) {
        return region.starts_with(partition.region_prefix);
    });
}

bool is_host_label(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// It becomes part of a host name.
void check_region(const std::string& region)
{
    if (region.empty())
        throw Error("No AWS Region is set", "Set AWS_REGION or AWS_DEFAULT_REGION, for example to "
                                            "us-east-1, or add `region = us-east-1` to your AWS "
                                            "profile.");
    if (region.size() > 32 || !is_host_label(region))
        throw Error("'" + region + "' is not an AWS Region",
                    "A Region looks like us-east-1 or eu-central-1.");
}

Endpoint overriding_endpoint(std::string_view url, const std::string& signing_region)
{
    while (url.ends_with('/'))
        url.remove_suffix(1);
    const auto host_at = url.find("://") + 3;
    std::string host = to_lower(url.substr(host_at));
    const std::string_view default_port = url.starts_with("https") ? ":443" : ":80";
    if (host.ends_with(default_port))
        host.resize(host.size() - default_port.size());
    return {.origin = std::string(url),
            .host = host,
            .signing_region = signing_region,
            .path_style = true,
            .is_aws = false};
}

/// AWS's own endpoints alone have such forms; botocore refuses the two together, too.
void check_no_switches(const std::string& url, const EndpointSettings& settings)
{
    if (settings.use_fips || settings.use_dual_stack)
        throw Error(std::string(settings.use_fips ? "FIPS" : "Dual-stack") +
                        " endpoints are asked for, and an endpoint of your own, too: " + url,
                    "Unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or "
                    "AWS_ENDPOINT_URL; an AWS profile may say the same.");
}

using Switches = EndpointSettings; // of which only the two switches are looked at

std::string iam_host(const Partition& partition, const Switches& switches)
{
    std::string host(switches.use_dual_stack ? partition.iam_dual_stack_host : partition.iam_host);
    if (switches.use_fips && partition.name == "aws")
        host.insert(std::string_view("iam").size(), "-fips");
    return host;
}

bool has_fips_in_its_name(const Service& service, const Partition& partition,
                          const Switches& switches)
{
    const bool plain_name_is_fips =
        partition.name == "aws-us-gov" && !switches.use_dual_stack &&
        std::ranges::find(fips_by_plain_name_in_gov_cloud, service.name) !=
            fips_by_plain_name_in_gov_cloud.end();
    return switches.use_fips && !plain_name_is_fips;
}

std::string host_of(const Service& service, const Partition& partition, const std::string& region,
                    const Switches& switches)
{
    if (service.name == services::iam.name)
        return iam_host(partition, switches);
    const bool is_plain = !switches.use_fips && !switches.use_dual_stack;
    if (service.name == services::signin.name && is_plain)
        return region + "." + std::string(partition.sign_in_suffix);
    std::string host(service.endpoint_prefix);
    if (has_fips_in_its_name(service, partition, switches))
        host += "-fips";
    if (service.name == services::s3.name && switches.use_dual_stack)
        host += ".dualstack";
    // DSQL has no other names than those of dual-stack, Secrets Manager and S3 no such suffix.
    const bool has_dual_stack_suffix =
        service.name == services::dsql.name ||
        (switches.use_dual_stack && service.name != services::secretsmanager.name &&
         service.name != services::s3.name);
    return host + "." + region + "." +
           std::string(has_dual_stack_suffix ? partition.dual_stack_suffix : partition.suffix);
}

/// A Host header's worth: nothing that would become a path, a query or a user.
bool is_authority(std::string_view text)
{
    return !text.empty() && text.find_first_of("/?#@ ") == std::string_view::npos;
}

std::string checked_url(std::string url, const std::string& where)
{
    std::string_view rest = url;
    for (const std::string_view scheme : {"http://", "https://"})
        if (url.starts_with(scheme))
            rest.remove_prefix(scheme.size());
    const bool has_scheme = rest.size() < url.size();
    std::size_t slashes = 0;
    for (; rest.ends_with('/'); ++slashes)
        rest.remove_suffix(1);
    if (!has_scheme || !is_authority(rest))
        throw UsageError(where + " is not the URL of an endpoint: " + url,
                         "It consists of scheme, host and port: http://127.0.0.1:4566");
    url.resize(url.size() - slashes);
    return url;
}

/// A setting that is true or false, of the environment or else the profile.
bool is_switched_on(const Environment& environment, const std::string& variable,
                    const Profile& profile, const std::string& name)
{
    auto value = environment(variable);
    const auto where = value ? variable : name + " of the AWS profile";
    if (!value)
        value = setting(profile, name);
    if (value->empty() || iequals(*value, "false"))
        return false;
    if (!iequals(*value, "true"))
        throw UsageError(where + " must be true or false, not '" + *value + "'");
    return true;
}

void take_from_environment(EndpointSettings& settings, const Environment& environment)
{
    const std::string variable = "AWS_ENDPOINT_URL";
    if (auto url = environment(variable))
        settings.all = checked_url(std::move(*url), variable);
    for (const Service* service : services::all) {
        const std::string id(service->environment_id);
        if (auto url = environment(variable + "_" + id))
            settings.by_service[id] = checked_url(std::move(*url), variable + "_" + id);
    }
}

/// What the environment says goes before: its AWS_ENDPOINT_URL before everything here.
void take_from_profile(EndpointSettings& settings, const SharedConfig& config,
                       const std::string& name, const Profile& profile)
{
    if (!settings.all.empty())
        return;
    if (auto url = setting(profile, "endpoint_url"); !url.empty())
        settings.all =
            checked_url(std::move(url), "endpoint_url of the AWS profile '" + name + "'");
    const auto section = setting(profile, "services");
    if (section.empty())
        return;
    const auto* services = config.services(section);
    if (services == nullptr)
        throw UsageError("The AWS profile '" + name + "' names the services section '" + section +
                             "', which is not in " + config.config_path(),
                         "A section starts with [services " + section + "].");
    for (const Service* service : services::all) {
        const std::string id(service->environment_id);
        const auto setting_name = to_lower(id) + ".endpoint_url";
        if (auto url = setting(*services, setting_name); !url.empty())
            settings.by_service.emplace(
                id, checked_url(std::move(url),
                                setting_name + " of the services section '" + section + "'"));
    }
}

} // namespace

EndpointSettings endpoint_settings(const Environment& environment, const SharedConfig& config,
                                   const std::string& profile)
{
    const auto name = profile_name(profile, environment);
    const auto* found = config.find(name);
    const Profile settings_of_profile = found == nullptr ? Profile{} : *found;
    EndpointSettings settings;
    settings.use_fips = is_switched_on(environment, "AWS_USE_FIPS_ENDPOINT", settings_of_profile,
                                       "use_fips_endpoint");
    settings.use_dual_stack = is_switched_on(environment, "AWS_USE_DUALSTACK_ENDPOINT",
                                             settings_of_profile, "use_dualstack_endpoint");
    if (is_switched_on(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", settings_of_profile,
                       "ignore_configured_endpoint_urls"))
        return settings;
    take_from_environment(settings, environment);
    take_from_profile(settings, config, name, settings_of_profile);
    return settings;
}

Endpoint endpoint_of(const Service& service, const std::string& region,
                     const EndpointSettings& settings, const std::string& bucket)
{
    check_region(region);
    const Partition& partition = partition_for(region);
    const bool global = service.name == services::iam.name;
    const std::string signing_region = global ? std::string(partition.global_region) : region;

    const auto own = settings.by_service.find(std::string(service.environment_id));
    const std::string& url = own == settings.by_service.end() ? settings.all : own->second;
    if (!url.empty()) {
        check_no_switches(url, settings);
        return overriding_endpoint(url, signing_region);
    }
    if (settings.use_fips && !partition.has_fips)
        throw Error("Region " + region + " has no FIPS endpoints",
                    "Unset AWS_USE_FIPS_ENDPOINT, or use_fips_endpoint of the AWS profile.");

    std::string host = host_of(service, partition, region, settings);
    const bool path_style = !is_host_label(bucket);
    if (!bucket.empty() && !path_style)
        host = bucket + "." + host;
    return {.origin = "https://" + host,
            .host = host,
            .signing_region = signing_region,
            .path_style = path_style};
}

std::string partition_of(const std::string& region)
{
    return std::string(partition_for(region).name);
}

std::string any_region_of(std::string_view partition)
{
    const auto found = std::ranges::find(partitions, partition, &Partition::name);
    return std::string(found == partitions.end() ? partitions.back().global_region
                                                 : found->global_region);
}

} // namespace nimbus::aws
