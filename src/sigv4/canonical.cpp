#include "base/encoding.h"
#include "base/text.h"
#include "sigv4/protocol.h"
#include "sigv4/sigv4.h"

#include <algorithm>
#include <compare>

namespace nimbus::sigv4 {
namespace {

/// RFC 3986 section 5.2.4, with runs of slashes taken for one.
std::string without_dot_segments(std::string_view path)
{
    std::vector<std::string_view> kept;
    auto ends_in_slash = true;
    for (const auto segment : split(path, '/')) {
        ends_in_slash = segment.empty() || segment == "." || segment == "..";
        if (!ends_in_slash)
            kept.push_back(segment);
        else if (segment == ".." && !kept.empty())
            kept.pop_back();
    }
    std::string result;
    result.reserve(path.size() + 1);
    for (const auto segment : kept)
        result.append("/").append(segment);
    if (ends_in_slash || kept.empty())
        result += '/';
    return result;
}

std::string canonical_path(std::string_view path, PathRule rule)
{
    constexpr bool keep_slash = true;
    if (path.empty())
        return "/";
    return rule == PathRule::s3 ? percent_encode(percent_decode(path), keep_slash)
                                : percent_encode(without_dot_segments(path), keep_slash);
}

/// The one spelling of a name or value, whichever way the client escaped it. Services read `+` as a
/// space, so it is signed as one.
std::string recode(std::string_view text)
{
    return percent_encode(percent_decode(text, true));
}

struct Parameter {
    std::string name;
    std::string value;

    auto operator<=>(const Parameter&) const = default;
};

void append_query(std::string& result, std::string_view query)
{
    if (query.empty())
        return;
    std::vector<Parameter> parameters;
    for (const auto part : split(query, '&')) {
        if (part.empty())
            continue;
        const auto equals = part.find('=');
        const auto value =
            equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
        auto name = recode(part.substr(0, equals));
        if (name != detail::signature_parameter)
            parameters.push_back({std::move(name), recode(value)});
    }
    std::ranges::sort(parameters);
    for (const auto& parameter : parameters) {
        if (&parameter != &parameters.front())
            result += '&';
        result.append(parameter.name).append("=").append(parameter.value);
    }
}

/// Runs of blanks become one space.
void append_value(std::string& result, std::string_view value)
{
    auto after_blank = false;
    for (const char c : trim(value)) {
        const auto blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!blank)
            result += c;
        else if (!after_blank)
            result += ' ';
        after_blank = blank;
    }
}

void append_header(std::string& result, std::string_view name, const HeaderList& headers)
{
    result.append(name).append(":");
    auto first = true;
    for (const auto& [other, value] : headers) {
        if (!iequals(name, other))
            continue;
        if (!first)
            result += ',';
        append_value(result, value);
        first = false;
    }
    result += '\n';
}

} // namespace

PathRule path_rule_for(std::string_view service)
{
    return service == "s3" || service == "s3express" || service == "s3-object-lambda"
               ? PathRule::s3
               : PathRule::standard;
}

std::string canonical_request(const Request& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, PathRule rule)
{
    std::string result;
    result.reserve(1024);
    result.append(request.method).append("\n");
    result.append(canonical_path(request.path, rule)).append("\n");
    append_query(result, request.query);
    result += '\n';
    for (const auto& name : signed_headers)
        append_header(result, name, request.headers);
    result.append("\n").append(join(signed_headers, ";")).append("\n").append(payload_hash);
    return result;
}

} // namespace nimbus::sigv4
