#include "http/request_head.h"

#include "base/text.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace nimbus::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::field;

constexpr std::string_view scheme = "http://";

/// The characters of reg-name, IP literals and a port (RFC 3986 section 3.2.2), the brackets and
/// the colon among them; no user information.
bool is_host(std::string_view text)
{
    return std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("-._~%!$&'()*+,;=[]:").find(static_cast<char>(c)) !=
                   std::string_view::npos;
    });
}

bool is_absolute(std::string_view target)
{
    return iequals(target.substr(0, scheme.size()), scheme);
}

bool has_valid_host(const RequestHead& head)
{
    const auto hosts = head.count(field::host);
    if (hosts == 0)
        return head.version() < 11;
    return hosts == 1 && is_host(head[field::host]);
}

bool has_valid_target(const RequestHead& head)
{
    const std::string_view target = head.target();
    if (head.method() == beast_http::verb::connect)
        return target.find(':') != std::string_view::npos && is_host(target);
    if (target == "*")
        return head.method() == beast_http::verb::options;
    if (is_absolute(target)) {
        const auto rest = target.substr(scheme.size());
        const auto host = rest.substr(0, rest.find_first_of("/?"));
        return !host.empty() && is_host(host);
    }
    return target.starts_with('/');
}

bool has_one_length(const RequestHead& head)
{
    if (head.count(field::transfer_encoding) == 0)
        return head.count(field::content_length) <= 1;
    if (head.version() < 11 || head.count(field::content_length) > 0)
        return false;
    if (head.count(field::transfer_encoding) > 1)
        return false;
    std::string_view last;
    for (const auto coding : beast_http::token_list(head[field::transfer_encoding]))
        last = coding;
    return iequals(last, "chunked");
}

} // namespace

bool is_well_formed(const RequestHead& head)
{
    return has_valid_host(head) && has_valid_target(head) && has_one_length(head);
}

std::string path_of_target(const RequestHead& head)
{
    const std::string_view target = head.target();
    if (!is_absolute(target))
        return std::string(target);
    const auto rest = target.substr(scheme.size());
    const auto path = rest.find_first_of("/?");
    if (path == std::string_view::npos)
        return "/";
    return (rest[path] == '?' ? "/" : "") + std::string(rest.substr(path));
}

} // namespace nimbus::http
