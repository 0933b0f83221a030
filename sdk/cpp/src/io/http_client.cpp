#include "io/http_client.h"

#include "base/number.h"

#include <algorithm>

namespace nimbus::detail {

namespace {

constexpr std::uint16_t default_port(bool tls)
{
    return tls ? 443 : 80;
}

/// A name, an IPv4 address, or an IPv6 address.
bool is_host(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':';
    });
}

std::string text_of(const sigv4::Request& request, std::string_view body)
{
    std::string text = request.method + ' ' + request.path;
    if (!request.query.empty())
        text += '?' + request.query;
    text += " HTTP/1.1\r\n";
    for (const auto& [name, value] : request.headers)
        text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    return text.append(body);
}

} // namespace

std::optional<HttpEndpoint> HttpEndpoint::parse(std::string_view url)
{
    const auto take = [&](std::string_view prefix) {
        const bool found = url.starts_with(prefix);
        url.remove_prefix(found ? prefix.size() : 0);
        return found;
    };
    HttpEndpoint endpoint;
    endpoint.tls = take("https://");
    if (!endpoint.tls && !take("http://"))
        return std::nullopt;
    if (url.ends_with('/'))
        url.remove_suffix(1);

    const bool bracketed = take("[");
    const auto host_end = url.find(bracketed ? ']' : ':');
    endpoint.host = url.substr(0, host_end);
    if (!is_host(endpoint.host) || (bracketed && host_end == std::string_view::npos))
        return std::nullopt;
    url.remove_prefix(endpoint.host.size() + (bracketed ? 1 : 0));

    endpoint.port = default_port(endpoint.tls);
    if (url.empty())
        return endpoint;
    const auto port = take(":") ? parse_number<std::uint16_t>(url) : std::nullopt;
    if (!port || *port == 0)
        return std::nullopt;
    endpoint.port = *port;
    return endpoint;
}

std::string HttpEndpoint::authority() const
{
    auto text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != default_port(tls))
        text += ':' + std::to_string(port);
    return text;
}

HttpAnswer exchange(const HttpEndpoint& to, const sigv4::Request& request, std::string_view body,
                    const TlsRoots* roots, std::size_t max_body, const Deadline& deadline)
{
    auto stream = TlsStream::connect(to.host, to.port, deadline);
    if (to.tls)
        stream.start_tls(*roots, to.host, deadline);
    stream.write(text_of(request, body), deadline);
    HttpAnswerReader reader("the server", max_body);
    return reader.next([&](std::string& received) { stream.read(received, deadline); });
}

} // namespace nimbus::detail
