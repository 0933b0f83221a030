#include "aws/endpoints.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nimbus::aws {
namespace {

/// Source: botocore's partitions.json and the endpoint rules of IAM.
struct Partition {
    std::string_view name;
    std::string_view region_prefix;
    std::string_view suffix;
    std::string_view dual_stack_suffix;
    std::string_view iam_host;
    std::string_view global_region; ///< signs calls of global services
};

constexpr std::array<Partition, 3> partitions{
    Partition{"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn",
              "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    Partition{"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "iam.us-gov.amazonaws.com",
              "us-gov-west-1"},
    Partition{"aws", "", "amazonaws.com", "api.aws", "iam.amazonaws.com", "us-east-1"}};

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
        throw Error("No AWS Region is set", "Set AWS_REGION, for example to us-east-1, or add "
                                            "`region = us-east-1` to your AWS profile.");
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
            .path_style = true};
}

std::string host_of(const Service& service, const Partition& partition, const std::string& region)
{
    if (service.name == services::iam.name)
        return std::string(partition.iam_host);
    const auto suffix =
        service.name == services::dsql.name ? partition.dual_stack_suffix : partition.suffix;
    return std::string(service.endpoint_prefix) + "." + region + "." + std::string(suffix);
}

/// A Host header's worth: nothing that would become a path, a query or a user.
bool is_authority(std::string_view text)
{
    return !text.empty() && text.find_first_of("/?#@ ") == std::string_view::npos;
}

std::string checked_url(std::string url, const std::string& variable)
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
        throw UsageError(variable + " is not the URL of an endpoint: " + url,
                         "It consists of scheme, host and port: http://127.0.0.1:4566");
    url.resize(url.size() - slashes);
    return url;
}

} // namespace

EndpointOverrides endpoint_overrides(const Environment& environment)
{
    EndpointOverrides overrides;
    if (iequals(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or(""), "true"))
        return overrides;
    const std::string variable = "AWS_ENDPOINT_URL";
    if (auto url = environment(variable))
        overrides.all = checked_url(std::move(*url), variable);
    for (const Service* service : {&services::sts, &services::iam, &services::s3, &services::dsql,
                                   &services::lambda, &services::apigatewayv2, &services::logs,
                                   &services::secretsmanager, &services::scheduler}) {
        const std::string id(service->environment_id);
        if (auto url = environment(variable + "_" + id))
            overrides.by_service[id] = checked_url(std::move(*url), variable + "_" + id);
    }
    return overrides;
}

Endpoint endpoint_of(const Service& service, const std::string& region,
                     const EndpointOverrides& overrides, const std::string& bucket)
{
    check_region(region);
    const Partition& partition = partition_for(region);
    const bool global = service.name == services::iam.name;
    const std::string signing_region = global ? std::string(partition.global_region) : region;

    const auto own = overrides.by_service.find(std::string(service.environment_id));
    const std::string& url = own == overrides.by_service.end() ? overrides.all : own->second;
    if (!url.empty())
        return overriding_endpoint(url, signing_region);

    std::string host = host_of(service, partition, region);
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

} // namespace nimbus::aws
