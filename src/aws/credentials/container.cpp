#include "aws/credentials/container.h"

#include "aws/credentials/json_credentials.h"
#include "base/control_character.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "http/client.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace nimbus::aws {
namespace {

constexpr const char* relative_variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* full_variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* ecs_origin = "http://169.254.170.2";
constexpr std::array<std::string_view, 5> hosts_without_tls{"169.254.170.2", "169.254.170.23",
                                                            "[fd00:ec2::23]", "localhost", "[::1]"};
constexpr std::chrono::seconds timeout{2};
constexpr int attempts = 3;

struct Uri {
    std::string origin; ///< scheme://host[:port]
    std::string target; ///< path and query
};

Uri taken_apart(const std::string& uri)
{
    const auto scheme_end = uri.find("://");
    const auto begin = scheme_end == std::string::npos ? 0 : scheme_end + 3;
    const auto end = std::min(uri.find_first_of("/?", begin), uri.size());
    auto target = uri.substr(end);
    if (!target.starts_with('/'))
        target.insert(0, "/");
    return {.origin = uri.substr(0, end), .target = target};
}

/// Without the port; an IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority)
{
    if (authority.starts_with('['))
        return authority.substr(0, authority.find(']') + 1);
    return authority.substr(0, authority.find(':'));
}

bool is_loopback_ipv4(std::string_view host)
{
    return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string authorization(const Environment& environment)
{
    const char* file_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    std::string token;
    if (const auto file = environment(file_variable)) {
        const auto text = read_small_file_if_exists(*file);
        if (!text)
            throw Error(std::string(file_variable) + " names '" + *file + "', which is not there",
                        "What started this container has to put it there.");
        token = trim(*text);
    } else {
        token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    }
    if (has_control_character(token))
        throw Error("The container's authorization token holds a line end or another control "
                    "character",
                    "Check AWS_CONTAINER_AUTHORIZATION_TOKEN or the file that "
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names.");
    return token;
}

/// Agents that start with the container may not be there yet.
http::Response ask(http::Client& http, const Uri& uri, const http::Request& request)
{
    for (int attempt = 1;; ++attempt) {
        try {
            return http.send(uri.origin, request, {.total_timeout = timeout});
        } catch (const http::TransportError& error) {
            if (attempt == attempts)
                throw Error("The container's credentials cannot be fetched from " + uri.origin +
                                ": " + error.what(),
                            std::string("Check ") + relative_variable + " and " + full_variable +
                                ".");
        }
    }
}

} // namespace

bool is_allowed_container_uri(std::string_view uri)
{
    const bool is_https = uri.starts_with("https://");
    if (!is_https && !uri.starts_with("http://"))
        return false;
    const auto rest = uri.substr(uri.find("://") + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    const auto host = host_of(authority);
    if (host.empty() || authority.find_first_of("@\\ ") != std::string_view::npos)
        return false;
    return is_https || is_loopback_ipv4(host) ||
           std::ranges::find(hosts_without_tls, host) != hosts_without_tls.end();
}

std::optional<Credentials> container_credentials(const std::shared_ptr<http::Client>& http,
                                                 const Environment& environment)
{
    const auto relative = environment(relative_variable);
    const auto full = environment(full_variable);
    if (!relative && !full)
        return {};
    const auto text = relative ? ecs_origin + *relative : *full;
    if (!is_allowed_container_uri(text))
        throw Error("Credentials are not fetched from " + text +
                        ": it is neither https nor this "
                        "machine nor a service of ECS or EKS",
                    std::string("Check ") + (relative ? relative_variable : full_variable) + ".");
    const auto uri = taken_apart(text);
    http::Request request{
        .method = "GET", .target = uri.target, .headers = {{"Accept", "application/json"}}};
    if (const auto token = authorization(environment); !token.empty())
        request.headers.add("Authorization", token);
    const auto response = ask(*http, uri, request);
    const std::string subject = "the answer of the container's credentials service";
    if (response.status != 200)
        throw Error("The container's credentials service at " + uri.origin +
                        " refused with HTTP status " + std::to_string(response.status),
                    "Check the role of the task or the pod.");
    const auto value = parse_json(response.body, subject);
    if (!value.is_object())
        throw Error(subject + " is not a JSON object");
    auto credentials = credentials_from(value.get_object(), metadata_names, subject);
    credentials.origin =
        std::string("container (") + (relative ? relative_variable : full_variable) + ")";
    return credentials;
}

} // namespace nimbus::aws
