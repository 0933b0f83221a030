#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "sigv4/protocol.h"
#include "sigv4/signing_keys.h"
#include "sigv4/sigv4.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace nimbus::sigv4 {
namespace {

/// Hop-by-hop, or rewritten on the way often enough that AWS's own SDKs leave them out.
constexpr std::array<std::string_view, 15> unsigned_headers{
    "authorization",     "cache-control", "connection",     "expect", "from",    "keep-alive",
    "max-forwards",      "pragma",        "referer",        "te",     "trailer", "upgrade",
    "transfer-encoding", "user-agent",    "x-amzn-trace-id"};

std::string_view host_of(const Request& request)
{
    const auto host = std::ranges::find_if(
        request.headers, [](const auto& header) { return iequals(header.first, "host"); });
    if (host == request.headers.end())
        throw std::invalid_argument("a request without a Host header cannot be signed");
    return host->second;
}

bool remove_header(HeaderList& headers, std::string_view name)
{
    return std::erase_if(headers,
                         [&](const auto& header) { return iequals(header.first, name); }) != 0;
}

void set_header(HeaderList& headers, std::string_view name, std::string_view value)
{
    remove_header(headers, name);
    headers.emplace_back(name, value);
}

std::vector<std::string> names_to_sign(const HeaderList& headers)
{
    std::vector<std::string> names;
    names.reserve(headers.size());
    for (const auto& [name, value] : headers)
        if (auto lower = to_lower(name);
            std::ranges::find(unsigned_headers, lower) == unsigned_headers.end())
            names.push_back(std::move(lower));
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return names;
}

Scope scope_of(std::string_view amz_date, std::string_view region, std::string_view service)
{
    return {.date = std::string(amz_date.substr(0, 8)),
            .region = std::string(region),
            .service = std::string(service)};
}

} // namespace

std::string Scope::text() const
{
    std::string result;
    result.reserve(64);
    result.append(date).append("/").append(region).append("/").append(service).append("/");
    return result.append(detail::terminator);
}

std::string string_to_sign(std::string_view canonical_request, const Scope& scope,
                           std::string_view amz_date)
{
    std::string result;
    result.reserve(192);
    result.append(detail::algorithm).append("\n").append(amz_date).append("\n");
    result.append(scope.text()).append("\n");
    return result.append(crypto::sha256_hex(canonical_request));
}

std::string signing_key(std::string_view secret_access_key, const Scope& scope)
{
    auto key = crypto::hmac_sha256(std::string("AWS4").append(secret_access_key), scope.date);
    key = crypto::hmac_sha256(key, scope.region);
    key = crypto::hmac_sha256(key, scope.service);
    return crypto::hmac_sha256(key, detail::terminator);
}

std::string signature(std::string_view signing_key, std::string_view string_to_sign)
{
    return hex_encode(crypto::hmac_sha256(signing_key, string_to_sign));
}

std::string detail::sign(const Request& request, const std::vector<std::string>& signed_headers,
                         std::string_view payload_hash, std::string_view signing_key,
                         const Scope& scope, std::string_view amz_date)
{
    const auto canonical =
        canonical_request(request, signed_headers, payload_hash, path_rule_for(scope.service));
    return signature(signing_key, string_to_sign(canonical, scope, amz_date));
}

std::string detail::signing_key_from(SigningKeys* keys, std::string_view secret_access_key,
                                     const Scope& scope)
{
    return keys == nullptr ? signing_key(secret_access_key, scope)
                           : keys->get(secret_access_key, scope);
}

void sign_headers(Request& request, const Credentials& credentials, std::string_view region,
                  std::string_view service, std::string_view payload_hash, SystemTime now,
                  SigningKeys* keys)
{
    host_of(request);
    auto& headers = request.headers;
    const auto amz_date = format_amz_date(now);
    const auto scope = scope_of(amz_date, region, service);
    set_header(headers, "X-Amz-Date", amz_date);
    if (!credentials.session_token.empty())
        set_header(headers, "X-Amz-Security-Token", credentials.session_token);
    const auto had_payload_hash = remove_header(headers, "X-Amz-Content-Sha256");
    if (had_payload_hash || path_rule_for(service) == PathRule::s3)
        headers.emplace_back("X-Amz-Content-Sha256", payload_hash);

    const auto names = names_to_sign(headers);
    std::string authorization(detail::algorithm);
    authorization.append(" Credential=").append(credentials.access_key_id).append("/");
    authorization.append(scope.text()).append(", SignedHeaders=").append(join(names, ";"));
    const auto key = detail::signing_key_from(keys, credentials.secret_access_key, scope);
    authorization.append(", Signature=")
        .append(detail::sign(request, names, payload_hash, key, scope, amz_date));
    set_header(headers, "Authorization", authorization);
}

std::string presign_query(const Request& request, const Credentials& credentials,
                          std::string_view region, std::string_view service,
                          std::string_view payload_hash, std::chrono::seconds expires,
                          SystemTime now)
{
    const auto amz_date = format_amz_date(now);
    const auto scope = scope_of(amz_date, region, service);
    Request presigned{.method = request.method,
                      .path = request.path,
                      .query = request.query,
                      .headers = {{"host", std::string(host_of(request))}}};
    auto& query = presigned.query;
    if (!query.empty())
        query += '&';
    query.append("X-Amz-Algorithm=").append(detail::algorithm);
    query.append("&X-Amz-Credential=")
        .append(percent_encode(credentials.access_key_id + "/" + scope.text()));
    query.append("&X-Amz-Date=").append(amz_date);
    query.append("&X-Amz-Expires=").append(std::to_string(expires.count()));
    query.append("&X-Amz-SignedHeaders=host");
    if (!credentials.session_token.empty())
        query.append("&X-Amz-Security-Token=").append(percent_encode(credentials.session_token));
    const auto signed_by =
        detail::sign(presigned, {"host"}, payload_hash,
                     signing_key(credentials.secret_access_key, scope), scope, amz_date);
    query.append("&").append(detail::signature_parameter).append("=").append(signed_by);
    return std::move(query);
}

std::string dsql_token(std::string_view host, std::string_view action,
                       const Credentials& credentials, std::string_view region,
                       std::chrono::seconds expires, SystemTime now)
{
    const Request request{.method = "GET",
                          .path = "/",
                          .query = "Action=" + percent_encode(action),
                          .headers = {{"host", std::string(host)}}};
    std::string token(host);
    return token.append("/?").append(
        presign_query(request, credentials, region, "dsql", crypto::sha256_hex(""), expires, now));
}

} // namespace nimbus::sigv4
