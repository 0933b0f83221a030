#include "sigv4/version2.h"

#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace nimbus::sigv4::version2 {
namespace {

constexpr std::string_view key_parameter = "AWSAccessKeyId";
constexpr std::string_view signature_parameter = "Signature";
constexpr std::string_view expires_parameter = "Expires";
constexpr std::string_view token_parameter = "x-amz-security-token";

/// The parameters that the signature covers, in order.
constexpr std::array<std::string_view, 35> signed_parameters{"accelerate",
                                                             "acl",
                                                             "analytics",
                                                             "cors",
                                                             "defaultObjectAcl",
                                                             "delete",
                                                             "inventory",
                                                             "lifecycle",
                                                             "location",
                                                             "logging",
                                                             "metrics",
                                                             "notification",
                                                             "object-lock",
                                                             "partNumber",
                                                             "policy",
                                                             "replication",
                                                             "requestPayment",
                                                             "response-cache-control",
                                                             "response-content-disposition",
                                                             "response-content-encoding",
                                                             "response-content-language",
                                                             "response-content-type",
                                                             "response-expires",
                                                             "restore",
                                                             "select",
                                                             "select-type",
                                                             "storageClass",
                                                             "tagging",
                                                             "torrent",
                                                             "uploadId",
                                                             "uploads",
                                                             "versionId",
                                                             "versioning",
                                                             "versions",
                                                             "website"};

struct Parameter {
    std::string name;
    std::string value; ///< decoded
    bool has_value = false;
};

std::vector<Parameter> parameters_of(std::string_view query)
{
    std::vector<Parameter> parameters;
    if (query.empty())
        return parameters;
    for (const auto part : split(query, '&')) {
        const auto equals = part.find('=');
        Parameter one{.name = percent_decode(part.substr(0, equals), true),
                      .has_value = equals != std::string_view::npos};
        if (one.has_value)
            one.value = percent_decode(part.substr(equals + 1), true);
        parameters.push_back(std::move(one));
    }
    return parameters;
}

/// What may be given as a header or, since a link has none, in the query.
bool is_like_header(std::string_view name)
{
    return name.starts_with("x-amz-") || name == "content-md5" || name == "content-type";
}

std::map<std::string, std::string> signed_headers(const Request& request,
                                                  const std::vector<Parameter>& parameters)
{
    std::map<std::string, std::string> headers;
    for (const auto& one : parameters)
        if (is_like_header(one.name))
            headers[one.name] = trim(one.value);
    for (const auto& [name, value] : request.headers)
        if (auto lower = to_lower(name); is_like_header(lower))
            headers[std::move(lower)] = trim(value);
    return headers;
}

std::string canonical_resource(std::string_view path, std::vector<Parameter> parameters)
{
    std::erase_if(parameters, [](const Parameter& one) {
        return !std::ranges::binary_search(signed_parameters, std::string_view(one.name));
    });
    std::ranges::stable_sort(parameters, {}, &Parameter::name);
    std::string resource(path);
    char separator = '?';
    for (const auto& one : parameters) {
        resource += separator + one.name;
        if (one.has_value)
            resource += "=" + one.value;
        separator = '&';
    }
    return resource;
}

/// Is the path one of a bucket, and without a slash at its end? Its signature is that of the path
/// with the slash, too: that is what botocore signs.
bool is_bare_bucket(std::string_view path)
{
    return path.size() > 1 && path.find('/', 1) == std::string_view::npos;
}

std::string string_to_sign(const Claim& claim, const Request& request, const std::string& path)
{
    const auto parameters = parameters_of(request.query);
    auto headers = signed_headers(request, parameters);
    auto text = request.method + "\n" + headers["content-md5"] + "\n" + headers["content-type"] +
                "\n" + claim.expires + "\n";
    for (const auto& [name, value] : headers)
        if (name.starts_with("x-amz-"))
            text += name + ":" + value + "\n";
    return text + canonical_resource(path, parameters);
}

} // namespace

bool signs(std::string_view parameter)
{
    return parameter == key_parameter || parameter == signature_parameter ||
           parameter == expires_parameter;
}

bool is_claimed(const Request& request)
{
    return std::ranges::any_of(parameters_of(request.query), [](const Parameter& one) {
        return one.name == key_parameter || one.name == signature_parameter;
    });
}

std::expected<Claim, Failure> parse_claim(const Request& request)
{
    const auto malformed = [](std::string message) {
        return std::unexpected(Failure{FailureCode::malformed, std::move(message)});
    };
    std::map<std::string, std::string> given;
    for (auto& one : parameters_of(request.query))
        if ((signs(one.name) || one.name == token_parameter) &&
            !given.emplace(one.name, std::move(one.value)).second)
            return malformed("'" + one.name + "' must not be given more than once.");
    const auto take = [&](std::string_view name) { return std::move(given[std::string(name)]); };
    Claim claim{.access_key_id = take(key_parameter),
                .expires = take(expires_parameter),
                .signature = take(signature_parameter),
                .session_token = take(token_parameter)};
    if (claim.access_key_id.empty() || claim.signature.empty() || claim.expires.empty())
        return malformed("Query-string authentication requires the Signature, Expires and "
                         "AWSAccessKeyId parameters");
    constexpr std::int64_t latest =
        9'000'000'000; // the year 2255, the last that the clock can hold
    const auto seconds = parse_number<std::int64_t>(claim.expires);
    if (!seconds || *seconds < 0)
        return malformed("Invalid date (should be seconds since epoch): " + claim.expires);
    claim.expires_at = from_unix_milliseconds(std::min(*seconds, latest) * 1000);
    return claim;
}

std::expected<void, Failure> verify(const Claim& claim, const Request& request,
                                    std::string_view secret_access_key, SystemTime now)
{
    if (claim.expires_at < now)
        return std::unexpected(Failure{FailureCode::expired, "Request has expired"});
    const auto is_signed_as = [&](const std::string& path) {
        return crypto::equal_constant_time(
            signature(secret_access_key, string_to_sign(claim, request, path)), claim.signature);
    };
    if (!is_signed_as(request.path) &&
        !(is_bare_bucket(request.path) && is_signed_as(request.path + "/")))
        return std::unexpected(
            Failure{FailureCode::mismatch,
                    "The request signature we calculated does not match the signature you "
                    "provided. Check your key and signing method."});
    return {};
}

std::string signature(std::string_view secret_access_key, std::string_view text)
{
    return base64_encode(crypto::hmac_sha1(secret_access_key, text));
}

} // namespace nimbus::sigv4::version2
