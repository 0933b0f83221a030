#pragma once

#include "aws/environment.h"
#include "aws/service.h"

#include <map>
#include <string>

/// Where the services are.
namespace nimbus::aws {

/// Endpoints that stand in for AWS's own: an emulator, a VPC endpoint.
struct EndpointOverrides {
    std::string all;                               ///< http://127.0.0.1:4566; empty: AWS's own
    std::map<std::string, std::string> by_service; ///< Service::environment_id → URL

    bool operator==(const EndpointOverrides&) const = default;
};

/// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is
/// `true`. A URL with a path or a query is refused.
EndpointOverrides endpoint_overrides(const Environment& environment);

struct Endpoint {
    std::string origin;         ///< scheme://host[:port]
    std::string host;           ///< as in the Host header, with the port if it is not the scheme's
    std::string signing_region; ///< differs from the Region for global services
    bool path_style = false;    ///< S3: the bucket goes into the path, not into the host
};

/// `bucket`: S3 only. On AWS it goes into the host unless its name has a dot, which no certificate
/// covers. Knows the partitions aws, aws-cn and aws-us-gov.
Endpoint endpoint_of(const Service& service, const std::string& region,
                     const EndpointOverrides& overrides, const std::string& bucket = {});

/// The partition that a Region belongs to: aws, aws-cn, aws-us-gov. For ARNs.
std::string partition_of(const std::string& region);

} // namespace nimbus::aws
