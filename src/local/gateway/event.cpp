#include "local/gateway/event.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace nimbus::local::gateway {
namespace {

/// A header or query parameter; equal names are adjacent in sorted lists.
struct Field {
    std::string name;
    std::string value;
};
using Fields = std::vector<Field>;

void sort_by_name(Fields& fields)
{
    std::ranges::stable_sort(fields, {}, &Field::name);
}

/// Calls `body` with each run of equal names.
template <class Body>
void for_each_name(const Fields& fields, Body body)
{
    for (auto first = fields.begin(); first != fields.end();) {
        const auto last = std::find_if(
            first, fields.end(), [&](const Field& field) { return field.name != first->name; });
        body(std::span<const Field>(first, last));
        first = last;
    }
}

/// `prefix` is JSON up to the value.
void add(std::string& out, std::string_view prefix, std::string_view value)
{
    out += prefix;
    append_json_string(out, value);
}

void add_name(std::string& out, std::string_view name)
{
    if (out.back() != '{')
        out += ',';
    append_json_string(out, name);
    out += ':';
}

void add_last_values(std::string& out, const Fields& fields)
{
    out += '{';
    for_each_name(fields, [&](auto run) {
        add_name(out, run.front().name);
        append_json_string(out, run.back().value);
    });
    out += '}';
}

void add_all_values(std::string& out, const Fields& fields)
{
    out += '{';
    for_each_name(fields, [&](auto run) {
        add_name(out, run.front().name);
        char separator = '[';
        for (const auto& field : run) {
            out += std::exchange(separator, ',');
            append_json_string(out, field.value);
        }
        out += ']';
    });
    out += '}';
}

void add_joined_values(std::string& out, const Fields& fields)
{
    out += '{';
    for_each_name(fields, [&](auto run) {
        add_name(out, run.front().name);
        if (run.size() == 1)
            return append_json_string(out, run.front().value);
        std::string joined = run.front().value;
        for (const auto& field : run.subspan(1))
            (joined += ',') += field.value;
        append_json_string(out, joined);
    });
    out += '}';
}

// --- headers ----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 9> of_the_connection{
    "connection", "expect",  "keep-alive",        "proxy-connection", "te",
    "trailer",    "upgrade", "transfer-encoding", "http2-settings"};

constexpr std::array<std::string_view, 8> capitalized{
    "Content-Length",   "Content-Type",     "Host",
    "User-Agent",       "X-Amzn-Trace-Id",  "X-Forwarded-For",
    "X-Forwarded-Port", "X-Forwarded-Proto"};

Fields collect_headers(const http::Request& request, const RequestFacts& facts)
{
    Fields fields;
    fields.reserve(request.headers.entries().size() + 5);
    std::string forwarded_for;
    bool has_length = false;
    bool has_trace = false;
    for (const auto& [given_name, value] : request.headers) {
        auto name = to_lower(given_name);
        if (std::ranges::find(of_the_connection, name) != of_the_connection.end() ||
            name == "x-forwarded-port" || name == "x-forwarded-proto")
            continue;
        if (name == "x-forwarded-for") {
            (forwarded_for += value) += ", ";
            continue;
        }
        has_length = has_length || name == "content-length";
        has_trace = has_trace || name == "x-amzn-trace-id";
        fields.push_back({std::move(name), value});
    }
    if (!has_length)
        fields.push_back({"content-length", std::to_string(request.body.size())});
    if (!has_trace)
        fields.push_back({"x-amzn-trace-id", facts.trace_id});
    fields.push_back({"x-forwarded-for", forwarded_for + request.peer_address});
    fields.push_back({"x-forwarded-port", std::to_string(facts.port)});
    fields.push_back({"x-forwarded-proto", "http"});
    return fields;
}

void capitalize_some(Fields& fields)
{
    for (auto& field : fields) {
        const auto found = std::ranges::find_if(
            capitalized, [&](std::string_view name) { return iequals(name, field.name); });
        if (found != capitalized.end())
            field.name = *found;
    }
}

/// Takes the cookie headers out of `fields`.
std::vector<std::string> take_cookies(Fields& fields)
{
    std::vector<std::string> cookies;
    for (const auto& field : fields)
        if (field.name == "cookie")
            for (const auto part : split(field.value, ';'))
                if (const auto cookie = trim(part); !cookie.empty())
                    cookies.emplace_back(cookie);
    std::erase_if(fields, [](const Field& field) { return field.name == "cookie"; });
    return cookies;
}

// --- the rest of the request --------------------------------------------------------------------

Fields collect_query(const http::Request& request)
{
    Fields fields;
    if (request.query().empty())
        return fields;
    for (auto& [name, value] : http::parse_query(request.query()))
        fields.push_back({std::move(name), std::move(value)});
    sort_by_name(fields);
    return fields;
}

void add_path_parameters(std::string& out, const Match& match)
{
    out += '{';
    for (std::size_t i = 0; i < match.values.size(); ++i) {
        add_name(out, match.route->parameters[i]);
        append_json_string(out, percent_decode(match.values[i]));
    }
    out += '}';
}

bool is_text(std::string_view content_type)
{
    constexpr std::array<std::string_view, 3> types{"application/json", "application/xml",
                                                    "application/javascript"};
    const auto type = trim(content_type.substr(0, content_type.find(';')));
    return iequals(type.substr(0, 5), "text/") ||
           std::ranges::any_of(types, [&](std::string_view text) { return iequals(type, text); });
}

bool add_body(std::string& out, const http::Request& request)
{
    if (is_text(request.headers.get("content-type")) && is_utf8(request.body)) {
        append_json_string(out, request.body);
        return false;
    }
    (out += '"') += base64_encode(request.body);
    out += '"';
    return true;
}

std::string event_path(const Match& match)
{
    return match.stage->path_prefix + percent_decode(match.path);
}

std::string start(const http::Request& request)
{
    std::size_t size = 1536 + 4 * request.target.size() + request.body.size() * 11 / 8;
    for (const auto& [name, value] : request.headers)
        size += 2 * (name.size() + value.size()) + 16;
    std::string out;
    out.reserve(size);
    return out;
}

// --- format 1.0 ---------------------------------------------------------------------------------

void add_context_1(std::string& out, const Router& router, const Match& match,
                   const http::Request& request, const RequestFacts& facts, std::string_view path)
{
    add(out, R"("requestContext":{"accountId":)", router.account_id());
    add(out, R"(,"apiId":)", router.api_id());
    add(out, R"(,"domainName":)", router.domain_name());
    add(out, R"(,"domainPrefix":)", router.api_id());
    add(out, R"(,"extendedRequestId":)", facts.request_id);
    add(out, R"(,"httpMethod":)", request.method);
    out += R"(,"identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,)"
           R"("cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,)"
           R"("cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,)";
    add(out, R"("sourceIp":)", request.peer_address);
    out += R"(,"user":null,"userAgent":)";
    if (const auto agent = request.headers.find("user-agent"))
        append_json_string(out, *agent);
    else
        out += "null";
    add(out, R"(,"userArn":null},"path":)", path);
    add(out, R"(,"protocol":"HTTP/1.1","requestId":)", facts.request_id);
    add(out, R"(,"requestTime":)", facts.time_text);
    (out += R"(,"requestTimeEpoch":)") += std::to_string(to_unix_milliseconds(facts.time));
    add(out, R"(,"resourceId":)", match.route->key);
    add(out, R"(,"resourcePath":)", match.route->path);
    add(out, R"(,"stage":)", match.stage->name);
    out += '}';
}

std::string encode_1(const Router& router, const Match& match, const http::Request& request,
                     const RequestFacts& facts)
{
    auto out = start(request);
    const auto path = event_path(match);
    add(out, R"({"version":"1.0","resource":)", match.route->path);
    add(out, R"(,"path":)", path);
    add(out, R"(,"httpMethod":)", request.method);
    auto headers = collect_headers(request, facts);
    capitalize_some(headers);
    sort_by_name(headers);
    out += R"(,"headers":)";
    add_last_values(out, headers);
    out += R"(,"multiValueHeaders":)";
    add_all_values(out, headers);
    if (const auto query = collect_query(request); query.empty()) {
        out += R"(,"queryStringParameters":null,"multiValueQueryStringParameters":null,)";
    } else {
        out += R"(,"queryStringParameters":)";
        add_last_values(out, query);
        out += R"(,"multiValueQueryStringParameters":)";
        add_all_values(out, query);
        out += ',';
    }
    add_context_1(out, router, match, request, facts, path);
    out += R"(,"pathParameters":)";
    if (match.values.empty())
        out += "null";
    else
        add_path_parameters(out, match);
    out += R"(,"stageVariables":null,"body":)";
    bool is_base64 = false;
    if (request.body.empty())
        out += "null";
    else
        is_base64 = add_body(out, request);
    out += is_base64 ? R"(,"isBase64Encoded":true})" : R"(,"isBase64Encoded":false})";
    return out;
}

// --- format 2.0 ---------------------------------------------------------------------------------

void add_context_2(std::string& out, const Router& router, const Match& match,
                   const http::Request& request, const RequestFacts& facts, std::string_view path)
{
    add(out, R"(,"requestContext":{"accountId":)", router.account_id());
    add(out, R"(,"apiId":)", router.api_id());
    add(out, R"(,"domainName":)", router.domain_name());
    add(out, R"(,"domainPrefix":)", router.api_id());
    add(out, R"(,"http":{"method":)", request.method);
    add(out, R"(,"path":)", path);
    add(out, R"(,"protocol":"HTTP/1.1","sourceIp":)", request.peer_address);
    add(out, R"(,"userAgent":)", request.headers.get("user-agent"));
    add(out, R"(},"requestId":)", facts.request_id);
    add(out, R"(,"routeKey":)", match.route->key);
    add(out, R"(,"stage":)", match.stage->name);
    add(out, R"(,"time":)", facts.time_text);
    (out += R"(,"timeEpoch":)") += std::to_string(to_unix_milliseconds(facts.time));
    out += '}';
}

std::string encode_2(const Router& router, const Match& match, const http::Request& request,
                     const RequestFacts& facts)
{
    auto out = start(request);
    const auto path = event_path(match);
    add(out, R"({"version":"2.0","routeKey":)", match.route->key);
    add(out, R"(,"rawPath":)", path);
    add(out, R"(,"rawQueryString":)", request.query());
    auto headers = collect_headers(request, facts);
    if (const auto cookies = take_cookies(headers); !cookies.empty()) {
        out += R"(,"cookies":)";
        char separator = '[';
        for (const auto& cookie : cookies) {
            out += std::exchange(separator, ',');
            append_json_string(out, cookie);
        }
        out += ']';
    }
    sort_by_name(headers);
    out += R"(,"headers":)";
    add_joined_values(out, headers);
    if (const auto query = collect_query(request); !query.empty()) {
        out += R"(,"queryStringParameters":)";
        add_joined_values(out, query);
    }
    add_context_2(out, router, match, request, facts, path);
    if (!match.values.empty()) {
        out += R"(,"pathParameters":)";
        add_path_parameters(out, match);
    }
    bool is_base64 = false;
    if (!request.body.empty()) {
        out += R"(,"body":)";
        is_base64 = add_body(out, request);
    }
    out += is_base64 ? R"(,"isBase64Encoded":true})" : R"(,"isBase64Encoded":false})";
    return out;
}

} // namespace

std::string encode_event(const Router& router, const Match& match, const http::Request& request,
                         const RequestFacts& facts)
{
    return match.route->format == PayloadFormat::v2 ? encode_2(router, match, request, facts)
                                                    : encode_1(router, match, request, facts);
}

} // namespace nimbus::local::gateway
