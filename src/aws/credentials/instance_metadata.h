#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/shared_config.h"

#include <expected>
#include <memory>
#include <string>

namespace nimbus::http {
class Client;
}

namespace nimbus::aws {

/// Those of the EC2 instance's role, by IMDSv2 alone: version 1 answers whoever can make a server
/// fetch a URL. One attempt of one second, so that other machines do not wait
/// (AWS_METADATA_SERVICE_NUM_ATTEMPTS, AWS_METADATA_SERVICE_TIMEOUT). Otherwise the reason why
/// there are none, for a sentence: "the instance metadata service did not answer at http://…".
///
/// AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT and …_ENDPOINT_MODE, or the
/// profile's ec2_metadata_service_endpoint and …_mode. Source: AWS SDKs and Tools Reference Guide,
/// "IMDS credential provider".
std::expected<Credentials, std::string>
instance_metadata_credentials(const std::shared_ptr<http::Client>& http,
                              const Environment& environment, const Profile& profile);

} // namespace nimbus::aws
