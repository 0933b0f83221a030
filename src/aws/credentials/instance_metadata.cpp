#include "aws/credentials/instance_metadata.h"

#include "aws/credentials/json_credentials.h"
#include "aws/ops/rest.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "http/client.h"

#include <chrono>
#include <utility>

namespace nimbus::aws {
namespace {

constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";
constexpr const char* token_seconds = "21600";

using Answer = std::expected<std::string, std::string>;

/// The environment's value, else the profile's, else "".
std::string find(const Environment& environment, const Profile& profile,
                 const std::string& variable, const std::string& name)
{
    return environment(variable).value_or(setting(profile, name));
}

int number(const Environment& environment, const Profile& profile, const std::string& variable,
           const std::string& name)
{
    const auto text = find(environment, profile, variable, name);
    if (text.empty())
        return 1;
    const auto value = parse_number<int>(text);
    if (!value || *value < 1 || *value > 60)
        throw UsageError(variable + " must be a number from 1 to 60, not '" + text + "'");
    return *value;
}

std::string origin_of(const Environment& environment, const Profile& profile)
{
    auto endpoint = find(environment, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                         "ec2_metadata_service_endpoint");
    if (!endpoint.empty()) {
        if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://"))
            throw UsageError("AWS_EC2_METADATA_SERVICE_ENDPOINT must be a URL, not '" + endpoint +
                             "'");
        endpoint.erase(endpoint.find_last_not_of('/') + 1);
        return endpoint;
    }
    const auto mode = find(environment, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                           "ec2_metadata_service_endpoint_mode");
    if (mode.empty() || iequals(mode, "IPv4"))
        return "http://169.254.169.254";
    if (iequals(mode, "IPv6"))
        return "http://[fd00:ec2::254]";
    throw UsageError("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6, not '" + mode +
                     "'");
}

/// A conversation with the service.
class MetadataService {
public:
    MetadataService(std::shared_ptr<http::Client> http, const Environment& environment,
                    const Profile& profile)
        : http_(std::move(http)), origin_(origin_of(environment, profile)),
          timeout_(number(environment, profile, "AWS_METADATA_SERVICE_TIMEOUT",
                          "metadata_service_timeout")),
          attempts_(number(environment, profile, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                           "metadata_service_num_attempts"))
    {
    }

    Answer token() const
    {
        return ask({.method = "PUT",
                    .target = "/latest/api/token",
                    .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", token_seconds}}},
                   "its token");
    }

    Answer get(const std::string& path, const std::string& token, const std::string& what) const
    {
        return ask(
            {.method = "GET", .target = path, .headers = {{"X-aws-ec2-metadata-token", token}}},
            what);
    }

private:
    Answer ask(const http::Request& request, const std::string& what) const
    {
        for (int attempt = 1;; ++attempt) {
            try {
                auto response = http_->send(origin_, request, {.total_timeout = timeout_});
                if (response.status == 200 && !response.body.empty())
                    return std::move(response.body);
                if (response.status < 500 || attempt == attempts_)
                    return std::unexpected("the instance metadata service refused " + what +
                                           " with HTTP status " + std::to_string(response.status));
            } catch (const http::TransportError&) {
                if (attempt == attempts_)
                    return std::unexpected("the instance metadata service did not answer at " +
                                           origin_);
            }
        }
    }

    std::shared_ptr<http::Client> http_;
    std::string origin_;
    std::chrono::seconds timeout_;
    int attempts_;
};

/// The service also says with status 200 that it has none.
std::expected<Credentials, std::string> parse(const std::string& body, const std::string& role)
{
    const std::string subject = "the instance metadata service's answer";
    try {
        const auto value = parse_json(body, subject);
        const auto* object = value.if_object();
        if (object == nullptr)
            return std::unexpected(subject + " is not a JSON object");
        const auto code = string_or_empty(*object, "Code");
        if (!code.empty() && code != "Success")
            return std::unexpected("the instance metadata service has no credentials for role '" +
                                   role + "': " + code);
        auto credentials = credentials_from(*object, metadata_names, subject);
        credentials.origin = "instance metadata, role '" + role + "'";
        return credentials;
    } catch (const Error& error) {
        return std::unexpected(error.what());
    }
}

} // namespace

std::expected<Credentials, std::string>
instance_metadata_credentials(const std::shared_ptr<http::Client>& http,
                              const Environment& environment, const Profile& profile)
{
    if (iequals(environment("AWS_EC2_METADATA_DISABLED").value_or(""), "true"))
        return std::unexpected("AWS_EC2_METADATA_DISABLED is true");
    const MetadataService service(http, environment, profile);
    const auto token = service.token();
    if (!token)
        return std::unexpected(token.error());
    const auto roles = service.get(roles_path, *token, "the name of the instance's role");
    if (!roles)
        return std::unexpected(roles.error());
    const std::string role(trim(roles->substr(0, roles->find('\n'))));
    if (role.empty())
        return std::unexpected("the instance has no role");
    const auto document =
        service.get(roles_path + path_segment(role), *token, "the credentials of its role");
    if (!document)
        return std::unexpected(document.error());
    return parse(*document, role);
}

} // namespace nimbus::aws
