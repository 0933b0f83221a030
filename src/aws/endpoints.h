#pragma once

#include "aws/environment.h"
#include "aws/service.h"
#include "aws/shared_config.h"

#include <map>
#include <string>

/// Where the services are.
namespace nimbus::aws {

/// What decides where the services are, the Region apart.
struct EndpointSettings {
    /// Stands in for AWS's own: an emulator, a VPC endpoint. http://127.0.0.1:4566; empty: AWS's.
    std::string all;
    std::map<std::string, std::string> by_service; ///< Service::environment_id → URL
    bool use_fips = false;                         ///< cryptography validated by FIPS 140
    bool use_dual_stack = false;                   ///< reachable by IPv6, too

    bool operator==(const EndpointSettings&) const = default;
};

/// What the environment says and, where it does not, the profile (AWS_PROFILE unless `profile`
/// names it): AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's `services` section, its
/// `endpoint_url`; none of these if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true;
/// AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT. Throws UsageError for a URL with a path or a
/// query, and for a switch that is neither true nor false. Source: AWS SDKs and Tools Reference
/// Guide, "Service-specific endpoints", "Dual-stack and FIPS endpoints".
EndpointSettings endpoint_settings(const Environment& environment, const SharedConfig& config,
                                   const std::string& profile = {});

struct Endpoint {
    std::string origin;         ///< scheme://host[:port]
    std::string host;           ///< as in the Host header, with the port if it is not the scheme's
    std::string signing_region; ///< differs from the Region for global services
    bool path_style = false;    ///< S3: the bucket goes into the path, not into the host
    bool is_aws = true;         ///< AWS's own, which no setting stands in for
};

/// `bucket`: S3 only. On AWS it goes into the host unless its name has a dot, which no certificate
/// covers. Knows the partitions aws, aws-cn and aws-us-gov. Throws Error for what is no Region, and
/// for FIPS or dual-stack endpoints that are not there.
Endpoint endpoint_of(const Service& service, const std::string& region,
                     const EndpointSettings& settings, const std::string& bucket = {});

/// The partition that a Region belongs to: aws, aws-cn, aws-us-gov. For ARNs.
std::string partition_of(const std::string& region);

/// A Region of that partition, for calls that any of its Regions can answer. Others count as aws.
std::string any_region_of(std::string_view partition);

} // namespace nimbus::aws
