#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "sigv4/protocol.h"
#include "sigv4/sigv4.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

namespace nimbus::sigv4 {
namespace {

using Text = std::optional<std::string>;

/// What a request says about its signature, by either way of saying it, as text.
struct Fields {
    Text authorization, host, http_date;
    Text algorithm, credential, date, expires, signed_headers, signature;
    Text session_token, payload_hash;
};

struct Named {
    std::string_view name;
    Text Fields::* field;
};

constexpr std::array<Named, 6> header_names{{{"authorization", &Fields::authorization},
                                             {"host", &Fields::host},
                                             {"date", &Fields::http_date},
                                             {"x-amz-date", &Fields::date},
                                             {"x-amz-security-token", &Fields::session_token},
                                             {"x-amz-content-sha256", &Fields::payload_hash}}};

constexpr std::array<Named, 3> authorization_names{{{"Credential", &Fields::credential},
                                                    {"SignedHeaders", &Fields::signed_headers},
                                                    {"Signature", &Fields::signature}}};

constexpr std::array<Named, 8> query_names{{{"X-Amz-Algorithm", &Fields::algorithm},
                                            {"X-Amz-Credential", &Fields::credential},
                                            {"X-Amz-Date", &Fields::date},
                                            {"X-Amz-Expires", &Fields::expires},
                                            {"X-Amz-SignedHeaders", &Fields::signed_headers},
                                            {detail::signature_parameter, &Fields::signature},
                                            {"X-Amz-Security-Token", &Fields::session_token},
                                            {"X-Amz-Content-Sha256", &Fields::payload_hash}}};

std::unexpected<Failure> malformed(std::string message)
{
    return std::unexpected(Failure{FailureCode::malformed, std::move(message)});
}

std::string in_quotes(std::string_view text)
{
    return std::string("'").append(text).append("'");
}

std::expected<void, Failure> set_once(Fields& fields, const Named& named, std::string value)
{
    auto& field = fields.*named.field;
    if (field)
        return malformed(in_quotes(named.name) + " must not be given more than once.");
    field = std::move(value);
    return {};
}

std::expected<Fields, Failure> read_headers(const HeaderList& headers)
{
    Fields fields;
    for (const auto& [name, value] : headers) {
        const auto* named = std::ranges::find_if(
            header_names, [&](const Named& known) { return iequals(known.name, name); });
        if (named == header_names.end())
            continue;
        if (auto set = set_once(fields, *named, std::string(trim(value))); !set)
            return std::unexpected(std::move(set.error()));
    }
    return fields;
}

std::expected<Fields, Failure> read_query(std::string_view query)
{
    Fields fields;
    if (query.empty())
        return fields;
    for (const auto part : split(query, '&')) {
        const auto equals = part.find('=');
        const auto* named = std::ranges::find(
            query_names, percent_decode(part.substr(0, equals), true), &Named::name);
        if (named == query_names.end())
            continue;
        auto value = equals == std::string_view::npos
                         ? std::string()
                         : percent_decode(part.substr(equals + 1), true);
        if (auto set = set_once(fields, *named, std::move(value)); !set)
            return std::unexpected(std::move(set.error()));
    }
    return fields;
}

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order.
std::expected<void, Failure> read_authorization(Fields& fields)
{
    const std::string_view text = *fields.authorization;
    const auto blank = text.find(' ');
    fields.algorithm = text.substr(0, blank);
    if (*fields.algorithm != detail::algorithm || blank == std::string_view::npos)
        return {};
    for (const auto part : split(text.substr(blank), ',')) {
        const auto equals = part.find('=');
        const auto name = trim(part.substr(0, equals));
        if (equals == std::string_view::npos)
            return malformed(in_quotes(name) +
                             " not a valid key=value pair (missing equal-sign) in "
                             "Authorization header.");
        const auto* named = std::ranges::find(authorization_names, name, &Named::name);
        if (named == authorization_names.end())
            return malformed(in_quotes(name) + " is not a parameter of the Authorization header.");
        if (auto set = set_once(fields, *named, std::string(trim(part.substr(equals + 1)))); !set)
            return set;
    }
    return {};
}

std::expected<void, Failure> require_header_fields(Fields& fields)
{
    std::string missing;
    for (const auto& named : authorization_names)
        if (!(fields.*named.field))
            missing += "Authorization header requires " + in_quotes(named.name) + " parameter. ";
    if (!fields.date && fields.http_date)
        if (const auto time = parse_http_date(*fields.http_date))
            fields.date = format_amz_date(*time);
    if (!fields.date)
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                   "header. ";
    if (missing.empty())
        return {};
    missing.pop_back();
    return malformed(std::move(missing));
}

std::expected<void, Failure> require_query_fields(const Fields& fields)
{
    if (fields.credential && fields.date && fields.expires && fields.signed_headers &&
        fields.signature)
        return {};
    return malformed("Query-string authentication version 4 requires the X-Amz-Algorithm, "
                     "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                     "X-Amz-Expires parameters.");
}

/// <access key>/<date>/<region>/<service>/aws4_request
std::expected<void, Failure> read_credential(Claim& claim, std::string_view text)
{
    const auto parts = split(text, '/');
    if (parts.size() != 5 || std::ranges::any_of(parts, &std::string_view::empty))
        return malformed("Credential must have exactly 5 slash-delimited elements, e.g. "
                         "keyid/date/region/service/term, got " +
                         in_quotes(text) + ".");
    if (parts[4] != detail::terminator)
        return malformed("Credential should be scoped with a valid terminator: " +
                         in_quotes(detail::terminator) + ", not " + in_quotes(parts[4]) + ".");
    claim.access_key_id = parts[0];
    claim.scope = {.date = std::string(parts[1]),
                   .region = std::string(parts[2]),
                   .service = std::string(parts[3])};
    return {};
}

std::expected<void, Failure> read_date(Claim& claim, std::string text)
{
    const auto time = parse_amz_date(text);
    if (!time)
        return malformed("Date must be in ISO-8601 'basic format'. Got " + in_quotes(text) +
                         ". See http://en.wikipedia.org/wiki/ISO_8601");
    const auto day = std::string_view(text).substr(0, 8);
    if (day != claim.scope.date)
        return malformed("Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                         "of date from HTTP: " +
                         in_quotes(claim.scope.date) + " != " + in_quotes(day) + ", from " +
                         in_quotes(text) + ".");
    claim.signed_at = *time;
    claim.amz_date = std::move(text);
    return {};
}

std::expected<void, Failure> read_signed_headers(Claim& claim, std::string_view text)
{
    for (const auto name : split(text, ';'))
        claim.signed_headers.emplace_back(name);
    const auto& names = claim.signed_headers;
    const auto upper = std::ranges::any_of(text, [](char c) { return c != ascii_lower(c); });
    const auto ascending = std::ranges::adjacent_find(names, std::greater_equal()) == names.end();
    if (upper || !ascending || names.front().empty())
        return malformed("SignedHeaders must be lower-case, sorted and each given once, got " +
                         in_quotes(text) + ".");
    if (!std::ranges::binary_search(names, "host"))
        return malformed(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    return {};
}

std::expected<void, Failure> read_expires(Claim& claim, std::string_view text)
{
    const auto seconds = parse_number<std::int64_t>(text);
    if (!seconds)
        return malformed("X-Amz-Expires should be a number");
    if (*seconds < 0)
        return malformed("X-Amz-Expires must be non-negative");
    claim.expires = std::chrono::seconds(*seconds);
    return {};
}

std::expected<Claim, Failure> read_claim(Form form, Fields fields)
{
    if (!fields.algorithm || *fields.algorithm != detail::algorithm)
        return malformed("Unsupported AWS 'algorithm': " +
                         in_quotes(fields.algorithm.value_or(std::string())) + ".");
    auto complete =
        form == Form::header ? require_header_fields(fields) : require_query_fields(fields);
    if (!complete)
        return std::unexpected(std::move(complete.error()));
    Claim claim{.form = form,
                .signature = std::move(*fields.signature),
                .session_token = std::move(fields.session_token).value_or(std::string()),
                .payload_hash = std::move(fields.payload_hash).value_or(std::string())};
    auto read = read_credential(claim, *fields.credential);
    if (read)
        read = read_date(claim, std::move(*fields.date));
    if (read)
        read = read_signed_headers(claim, *fields.signed_headers);
    if (read && form == Form::query)
        read = read_expires(claim, *fields.expires);
    if (!read)
        return std::unexpected(std::move(read.error()));
    return claim;
}

} // namespace

std::expected<Claim, Failure> parse_claim(const Request& request)
{
    auto in_headers = read_headers(request.headers);
    if (!in_headers)
        return std::unexpected(std::move(in_headers.error()));
    auto in_query = read_query(request.query);
    if (!in_query)
        return std::unexpected(std::move(in_query.error()));
    const auto presigned = in_query->algorithm || in_query->credential || in_query->signature;
    if (presigned && in_headers->authorization)
        return malformed("Only one auth mechanism allowed; only the X-Amz-Algorithm query "
                         "parameter, Signature query string parameter or the Authorization header "
                         "should be specified");
    if (presigned) {
        if (!in_query->payload_hash)
            in_query->payload_hash = std::move(in_headers->payload_hash);
        return read_claim(Form::query, std::move(*in_query));
    }
    if (!in_headers->authorization)
        return std::unexpected(
            Failure{FailureCode::missing, "Request is missing Authentication Token"});
    if (auto read = read_authorization(*in_headers); !read)
        return std::unexpected(std::move(read.error()));
    return read_claim(Form::header, std::move(*in_headers));
}

} // namespace nimbus::sigv4
